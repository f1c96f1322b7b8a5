import { backoff } from "../lumiere/backoff.js";
import { pause } from "./dom.js";

/**
 * Does what the network may refuse, again and again until it is done.
 * @param {() => Promise<any>} act
 * @param {AbortSignal} signal ends that
 * @param {() => void} onFailure called after each failure
 */
export async function eventually(act, signal, onFailure) {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await act();
    } catch {
      if (signal.aborted) return;
      onFailure();
      await pause(backoff(attempt));
    }
  }
}
