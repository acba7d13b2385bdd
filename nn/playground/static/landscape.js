// The loss around the path of a run: over the plane of the two directions in which the parameters moved most (the principal components
// of the path: Lorch, 2016; Li and others, 2018).

const SIDE = 24; // places along each direction

// { losses: SIDE * SIDE numbers, the first row at the top, path: [[x, y], ...] in shares of the side, along: share of all movement that lies in
// the plane }; null where nothing has moved.
function landscape(run) {
  const n = run.descent.moving, epochs = [...run.kept.keys()].sort((a, b) => a - b), path = epochs.map((epoch) => run.kept.get(epoch).P.subarray(0, n));
  const here = run.descent.P.slice(0, n), points = [...path, here], mean = here.map((_, i) => points.reduce((sum, p) => sum + p[i], 0) / points.length);
  const moved = points.map((p) => p.map((x, i) => x - mean[i])), all = moved.reduce((sum, p) => sum + inner(p, p), 0);
  if (!(all > 0)) return null;
  const first = direction(moved), second = direction(moved.map((p) => minusAlong(p, first))), axes = [first, second];
  const places = moved.map((p) => axes.map((axis) => inner(p, axis))), seen = places.reduce((sum, [x, y]) => sum + x * x + y * y, 0);
  const ranges = [0, 1].map((k) => widened(places.map((place) => place[k]), places.map((place) => place[0])));
  const at = ([low, high], share) => low + (high - low) * share, before = run.descent.P.slice(), losses = new Float64Array(SIDE * SIDE);
  for (let j = 0; j < SIDE; j += 1) {
    for (let i = 0; i < SIDE; i += 1) {
      const x = at(ranges[0], i / (SIDE - 1)), y = at(ranges[1], 1 - j / (SIDE - 1));
      for (let k = 0; k < n; k += 1) run.descent.P[k] = mean[k] + x * first[k] + y * second[k];
      losses[j * SIDE + i] = run.mean(run.clean, run.all);
    }
  }
  run.descent.P.set(before);
  const share = ([low, high], x) => (x - low) / (high - low);
  return { losses, path: places.map(([x, y]) => [share(ranges[0], x), 1 - share(ranges[1], y)]), along: seen / all };
}

const inner = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

const minusAlong = (p, axis) => {
  const length = inner(p, axis);
  return p.map((x, i) => x - length * axis[i]);
};

// The direction in which points lie furthest apart, by the power method; any other where they do not.
function direction(points) {
  let axis = points[0].map((_, i) => points.reduce((sum, p) => sum + Math.abs(p[i]), 0) + (i === 0 ? 1e-12 : 0));
  for (let turn = 0; turn < 60; turn += 1) {
    const next = axis.map(() => 0);
    for (const p of points) {
      const along = inner(p, axis);
      p.forEach((x, i) => { next[i] += along * x; });
    }
    const length = Math.sqrt(inner(next, next));
    if (!(length > 0)) break;
    axis = next.map((x) => x / length);
  }
  const length = Math.sqrt(inner(axis, axis));
  return axis.map((x) => x / length);
}

// The range of some numbers and a third more, at least a third of the range of others.
function widened(numbers, others) {
  const low = Math.min(...numbers), high = Math.max(...numbers), least = (Math.max(...others) - Math.min(...others)) / 3;
  const more = Math.max((high - low) / 3, (least - (high - low)) / 2, 1e-9);
  return [low - more, high + more];
}

// Low losses pale, high ones blue, and the path from the start (a ring) to where the run is (a disc).
function paintLandscape(canvas, { losses, path }, palette, colours, size) {
  const context = sharp(canvas, size, size), finite = losses.filter(Number.isFinite), low = Math.log(Math.min(...finite) + 1e-12), high = Math.log(Math.max(...finite) + 1e-12), cell = size / SIDE;
  losses.forEach((loss, i) => {
    const share = Number.isFinite(loss) ? (Math.log(loss + 1e-12) - low) / (high - low || 1) : 1;
    context.fillStyle = palette.css(Math.round(share * 10) / 10); // in steps, as lines of equal height on a map
    context.fillRect((i % SIDE) * cell, Math.floor(i / SIDE) * cell, cell + 1, cell + 1);
  });
  Object.assign(context, { strokeStyle: colours.orange, fillStyle: colours.orange, lineWidth: 2.5 });
  context.beginPath();
  path.forEach(([x, y]) => context.lineTo(x * size, y * size));
  context.stroke();
  for (const [[x, y], filled] of [[path[0], false], [path.at(-1), true]]) {
    context.beginPath();
    context.arc(x * size, y * size, 5, 0, 2 * Math.PI);
    if (filled) context.fill();
    else context.stroke();
  }
}
