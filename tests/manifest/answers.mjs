// Answers of the JavaScript reader, for tests: reads {manifest, names, groups: [{day, context, units}]} and writes for
// each name a text with one character for each unit: that of its reason, or that of its variant's place.
import { readFileSync } from "node:fs";
import { Manifest } from "../../docs/examples/runtime/assign.mjs";

const LETTERS = { not_running: "r", not_eligible: "e", held_back: "b", not_allocated: "a" };
const { manifest, names, groups } = JSON.parse(readFileSync(0, "utf-8"));
const reader = new Manifest(manifest);
const answers = {};
for (const name of names) {
  const arms = reader.experiments.get(name)?.variants ?? [];
  let text = "";
  for (const { day, context, units } of groups)
    for (const unit of units) {
      const { reason, variant } = reader.assign(name, unit, context, day);
      text += reason === "assigned" ? String.fromCharCode(65 + arms.indexOf(variant)) : LETTERS[reason];
    }
  answers[name] = text;
}
process.stdout.write(JSON.stringify(answers));
