// Digests of whole files, away from the page's thread. One after the other: only one file is in memory at a time.

let turn = Promise.resolve();

onmessage = ({ data: { id, file } }) => {
  turn = turn.then(async () => postMessage({ id, ...(await digest(file)) }));
};

async function digest(file) {
  try {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return { sha256: [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
  } catch (error) {
    return { error: error.name };
  }
}
