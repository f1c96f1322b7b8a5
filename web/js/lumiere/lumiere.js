// The client of a Lumiere server, for these pages and for others: import it, it needs nothing else.

export { call, Problem } from "./api.js";
export { Live } from "./live.js";
export { Pass } from "./pass.js";
