import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (section, language) => JSON.parse(readFileSync(new URL(`../../web/messages/${language}/${section}.json`, import.meta.url)));
const words = Object.fromEntries(["en", "zh", "ru"].map((language) => [language, read("party", language)]));
const namesIn = (message) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();

test("a party's page says the same things in every language, about the same values", () => {
  for (const language of ["zh", "ru"]) {
    assert.deepEqual(Object.keys(words[language]), Object.keys(words.en), language);
    for (const [key, message] of Object.entries(words.en)) assert.deepEqual(namesIn(words[language][key]), namesIn(message), key);
  }
});

test("what a party refuses is said in the reader's words", () => {
  const codes = [
    "stale", "nothing_shown", "not_joined", "grant_missing", "film_queued", "film_endless", "queue_full", "host_needed", "host_stays", "not_present",
    "not_found", "too_many_subtitles", "bad_subtitles", "subtitles_too_large", "forbidden", "offline", "too_many_requests", "unreachable",
  ];
  for (const language of Object.keys(words)) {
    const known = { ...read("common", language), ...words[language] };
    for (const code of codes) assert.ok(known[`problem.${code}`], `${language} ${code}`);
  }
});
