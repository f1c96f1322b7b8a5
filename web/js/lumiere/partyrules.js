// How all play in step: the numbers of `docs/watch-party.md`. Times are milliseconds, stretches of film are seconds.

/** The server's clock, as it is measured. */
export const clockRules = Object.freeze({
  /** Measurements that are held; the one that took the least time counts. */
  kept: 8,
  /** Between those at the beginning, and between those afterwards. */
  soon: 100,
  late: 5000,
  /** The clock of the system and that of the page part by so much when the machine has slept. */
  slept: 1000,
});

/** What a player does about it. */
export const followRules = Object.freeze({
  /** Between two looks at the player. */
  look: 250,
  /** Drift beyond which the rate corrects, and below which it stops doing so; the part of it that is made up for in a second; how
   * far the rate may depart for that. */
  begin: 0.025,
  end: 0.008,
  gain: 2,
  most: 0.5,
  /** Drift beyond which the player is put where it belongs: at least, and in costs of a seek. */
  leap: 0.5,
  leapCosts: 3,
  /** The same of a film that stands, and was put exactly where it belongs before. */
  leapStanding: 0.15,
  /** Who is ahead by less waits for the film instead of seeking; who is behind by more always seeks. */
  landing: 3,
  /** What a seek costs before one was measured, what is added to land ahead of the film, and the most that is believed. */
  firstCost: 0.3,
  slack: 0.1,
  longestCost: 3,
  longestLag: 0.5,
  /** How much the latest measurement counts in the mean. */
  weight: 0.25,
  /** Film that is less apart is the same moment. */
  step: 0.001,
  /** After going on, in which nothing is corrected. */
  quiet: 300,
  /** Standing still behind the film for so long means that nothing has come. */
  still: 400,
  /** Film that has to be there before one goes on. */
  enough: 2,
  /** Between two attempts to begin. */
  again: 1000,
});

/** The rates that a film may have. */
export const rates = Object.freeze([0.5, 0.75, 1, 1.25, 1.5, 2]);
