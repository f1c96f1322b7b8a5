import { clockRules } from "./partyrules.js";

// The server's clock as this page can tell it: probes with four timestamps, of which the quickest counts. Pure.

/** Nothing is known yet. */
export const unknownClock = Object.freeze({ samples: Object.freeze([]) });

/**
 * Takes one probe.
 * @param {{t0: number, t1: number, t2: number, t3: number}} probe milliseconds: sent and answered here, come and gone there
 */
export function measured(clock, { t0, t1, t2, t3 }) {
  const delay = t3 - t0 - (t2 - t1);
  const offset = (t1 - t0 + (t2 - t3)) / 2;
  if (!Number.isFinite(offset) || !(delay >= 0)) return clock;
  return { samples: [...clock.samples, { offset, delay }].slice(-clockRules.kept) };
}

/** What is to be added to the clock here; `null` while nobody knows. */
export const offsetOf = ({ samples }) => best(samples)?.offset ?? null;

/** Milliseconds of a way there and back, as it usually is; `null` while nobody knows. */
export function roundTrip({ samples }) {
  const delays = samples.map(({ delay }) => delay).sort((a, b) => a - b);
  return delays.length > 0 ? delays[delays.length >> 1] : null;
}

/** Milliseconds until the next probe. */
export const nextProbe = ({ samples }) => (samples.length < clockRules.kept ? clockRules.soon : clockRules.late);

/** Whether the machine has slept between two looks at both clocks, `{page, system}` each. */
export const hasSlept = (before, now) =>
  Math.abs(now.system - before.system - (now.page - before.page)) > clockRules.slept;

const best = (samples) => samples.reduce((least, one) => (least && least.delay <= one.delay ? least : one), null);
