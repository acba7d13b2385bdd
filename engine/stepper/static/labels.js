// Words over the map: they stand where they cover no other words, as near as can be to what they speak of.

const overlaps = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

class MapLabels {
  constructor(width, height, taken) {
    Object.assign(this, { width, height, taken });
  }

  // Room for a label of that size near a point, no farther than `reach`; null if there is none.
  find(w, h, [x, y], reach, avoid = []) {
    const full = [...this.taken, ...avoid];
    let best = null, least = reach;
    for (let top = 1; top + h < this.height; top += 4) {
      for (const left of [x - w / 2, x - w, x, x - w - 26, x + 26, x - 2 * w, x + w]) {
        const place = { x: Math.max(1, Math.min(this.width - w - 1, left)), y: top, w, h };
        const far = Math.hypot(place.x + w / 2 - x, top + h / 2 - y);
        if (far < least && !full.some((other) => overlaps(place, other))) [best, least] = [place, far];
      }
    }
    if (best) this.taken = [...this.taken, best];
    return best;
  }
}
