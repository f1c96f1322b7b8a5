import { EntryForm } from "./entryform.js";

new EntryForm();
