// A seeded random source (mulberry32), so that a failing case comes back on every run.
export class Random {
  #state;

  constructor(seed) { this.#state = seed >>> 0; }

  // Uniform in [0, 1).
  unit() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(limit) { return Math.floor(this.unit() * limit); }
  chance(probability) { return this.unit() < probability; }
  pick(list) { return list[this.below(list.length)]; }
  bytes(count) { return Buffer.from(Array.from({ length: count }, () => this.below(256))); }
  text(alphabet, length) { return Array.from({ length }, () => this.pick(alphabet)).join(''); }
  shuffled(list) {
    const out = [...list];
    for (let i = out.length - 1; i > 0; --i) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
}
