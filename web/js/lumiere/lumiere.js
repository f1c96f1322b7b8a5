// The client of a Lumiere server, for these pages and for others: import it, it needs nothing else.

export { Account } from "./account.js";
export { address, call, Problem, request } from "./api.js";
export { backoff } from "./backoff.js";
export { Caller } from "./caller.js";
export { Key } from "./key.js";
export { Live } from "./live.js";
export { Party } from "./party.js";
export { Pass } from "./pass.js";
export { Uploads } from "./uploads.js";
export { accepted, filesDropped, filesOfFolder } from "./files.js";
