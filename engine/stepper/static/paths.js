// The paths from the result down to a node, with the slopes as they are now: how many there are, and the largest of them.

// As Python's count_paths: the number of products in the sum that is the derivative.
function countPaths({ nodes, result }, x) {
  const counts = [];
  nodes.forEach(({ inputs }, i) => counts.push(i === x ? 1n : inputs.reduce((sum, from) => (typeof from === "number" ? sum + counts[from] : sum), 0n)));
  return counts[result];
}

// As Python's largest_paths, each from the result down, as [node, index of the input] pairs. `reach` holds the logarithm of the largest
// product from each node to the result, so it is known what each edge loses against the best one, and the part of a path that has lost
// least is continued first: no path is walked that is not among the largest.
function largestPaths({ nodes, slopes, result }, x, most) {
  const size = ([node, index]) => logSize(slopes[node][index] ?? 0);
  const reach = nodes.map(() => 0);
  for (let i = nodes.length - 1; i >= x; i -= 1) {
    if (nodes[i].users.length) reach[i] = Math.max(...nodes[i].users.map((edge) => size(edge) + reach[edge[0]]));
  }
  const found = [], waiting = [{ lost: 0, node: x, taken: null }];
  while (waiting.length && found.length < most) {
    const { lost, node, taken } = waiting.pop();
    if (node === result) found.push(edgesOf(taken));
    for (const edge of nodes[node].users.toReversed()) {
      const here = size(edge) + reach[edge[0]];
      insert(waiting, { lost: here === reach[node] ? lost : lost + reach[node] - here, node: edge[0], taken: { edge, below: taken } });
    }
  }
  return found;
}

// Keep the list in order, what has lost least at its end, and of what has lost the same the latest.
function insert(waiting, part) {
  let [low, high] = [0, waiting.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (waiting[middle].lost >= part.lost) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, part);
}

function edgesOf(taken) {
  const edges = [];
  for (let part = taken; part; part = part.below) edges.push(part.edge);
  return edges;
}

// One that does not exist counts as infinite, so that it is seen.
function logSize(slope) {
  const size = Math.abs(slope);
  return size === 0 ? -INFINITE : size < Infinity ? Math.log(size) : INFINITE;
}

const INFINITE = 1e6; // stands for an infinite logarithm, and still adds up
