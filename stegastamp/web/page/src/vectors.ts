// For the tests: reads {formats, sets: [{bits, logits, shares}]} from a file, prints what `read` makes of each row of logits.

import { readFileSync } from "node:fs";
import { read } from "./acceptance";
import { Facts, Format } from "./formats";

interface Vectors {
  formats: Facts[];
  /** Rows of logits by their number of bits. */
  logits: Record<string, number[][]>;
  limit: number;
  messages: { format: string; message: string }[];
}

const vectors: Vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
const formats = vectors.formats.map((facts) => new Format(facts));
const readings: Record<string, unknown[]> = {};
for (const [bits, rows] of Object.entries(vectors.logits)) {
  const fitting = formats.filter((format) => format.bits === Number(bits));
  readings[bits] = rows.map((row) => read([Float32Array.from(row)], fitting, [1], vectors.limit));
}
const words = vectors.messages.map(({ format, message }) => {
  const used = formats.find((each) => each.name === format)!;
  return Array.from(used.encode(message)).join("");
});
console.log(JSON.stringify({ readings, words }));
