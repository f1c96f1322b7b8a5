/** Sends files. */
export class Uploads extends EventTarget {}
