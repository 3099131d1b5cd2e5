// Assigns units from a manifest that `coord manifest` wrote. Copy it into your service or app; it needs nothing.

const HASH = { function: "murmur3_x64_128", seed: 0, shift: 4, slots: 10000 };
const encoder = new TextEncoder();

export class Manifest {
  // Takes the text of the file. Never changes; load the next one into a new object.
  constructor(text) {
    const { format, hash, spaces, experiments } = JSON.parse(text);
    if (format !== "coord.manifest/1" || Object.keys(HASH).some((key) => hash[key] !== HASH[key]))
      throw new Error("this is no manifest of format coord.manifest/1");
    this.spaces = new Map(spaces.map((one) => [one.space, one]));
    this.experiments = new Map(experiments.map((one) => [one.experiment, one]));
    for (const one of experiments)
      for (const step of one.steps) step.bitset = Uint8Array.from(atob(step.bitset), (char) => char.charCodeAt(0));
  }

  // What a unit gets from an experiment, and why: {reason, variant}; variant is null unless reason is "assigned".
  assign(name, unit, context = {}, day = new Date().toISOString().slice(0, 10)) {
    if (typeof unit !== "string" || /^$|\p{Surrogate}/u.test(unit) || encoder.encode(unit).length > 100)
      throw new Error("a unit is text of 1 to 100 bytes");
    const none = (reason) => ({ reason, variant: null });
    const one = this.experiments.get(name); // what is over, or unknown, is not in the manifest
    if (!one || !runs(one, day)) return none("not_running");
    if (!eligible(one, context)) return none("not_eligible");
    const space = this.spaces.get(one.space);
    const bucket = slot(`${space.salt}|${unit}`, space.buckets);
    for (const back of one.holdbacks.map((key) => this.experiments.get(key)))
      if (runs(back, day) && holds(back, bucket, day) && eligible(back, context)) return none("held_back");
    if (!holds(one, bucket, day)) return none("not_allocated");
    const place = slot(`${one.salt}|${unit}`, HASH.slots);
    const arm = one.variants.find(({ slots: [low, high] }) => low <= place && place < high);
    return { reason: "assigned", variant: arm ?? null };
  }
}

const runs = (one, day) => one.start <= day && day < one.end; // the end is the first day after
const eligible = (one, context) =>
  Object.entries(one.audience).every(([name, values]) => values.includes(context[name]));
function holds(one, bucket, day) {
  const step = one.steps.findLast(({ from }) => from <= day);
  return step !== undefined && ((step.bitset[bucket >> 3] >> (bucket & 7)) & 1) === 1;
}

// The first 64 bits of MurmurHash3 x64 128, seed 0, of a key's UTF-8 bytes, without the lowest four, mod a number.
export const slot = (key, number) => Number((hash64(encoder.encode(key)) >> 4n) % BigInt(number));

const [C1, C2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];
const low64 = (x) => BigInt.asUintN(64, x);
const rotate = (x, by) => low64(x << by) | (x >> (64n - by));
const mix1 = (k) => low64(rotate(low64(k * C1), 31n) * C2);
const mix2 = (k) => low64(rotate(low64(k * C2), 33n) * C1);
function spread(h) {
  h = low64((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn);
  h = low64((h ^ (h >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return h ^ (h >> 33n);
}

function hash64(bytes) {
  const words = new DataView(new ArrayBuffer((bytes.length & ~15) + 16)); // zeros at the end mix to nothing
  new Uint8Array(words.buffer).set(bytes);
  let [h1, h2, at] = [0n, 0n, 0];
  for (; at + 16 <= bytes.length; at += 16) {
    h1 = low64((rotate(h1 ^ mix1(words.getBigUint64(at, true)), 27n) + h2) * 5n + 0x52dce729n);
    h2 = low64((rotate(h2 ^ mix2(words.getBigUint64(at + 8, true)), 31n) + h1) * 5n + 0x38495ab5n);
  }
  const length = BigInt(bytes.length);
  h1 ^= mix1(words.getBigUint64(at, true)) ^ length;
  h2 ^= mix2(words.getBigUint64(at + 8, true)) ^ length;
  h1 = low64(h1 + h2);
  h2 = low64(h2 + h1);
  [h1, h2] = [spread(h1), spread(h2)];
  return low64(h1 + h2);
}
