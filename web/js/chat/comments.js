import { TalkPanel } from "./panel.js";

/** What is said about a photo: `new PhotoComments({ caller, live, session, photoId, me })`; events go to `handle`, as with the chat. */
export class PhotoComments extends TalkPanel {}

customElements.define("lumiere-comments", PhotoComments);
