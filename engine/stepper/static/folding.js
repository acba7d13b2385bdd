// Which groups are closed, and the ways of folding that the page has a drawing for: it cannot make one.

class Folding {
  constructor({ groups, drawings, nodes }) {
    this.groups = groups;
    this.drawings = drawings.map((each) => ({ ...each, open: new Set(each.open), packed: !each.drawing.startsWith("<") }));
    this.at = 0;
    this.around = nodes.map(() => []); // the groups around each node, the outermost first
    groups.forEach(({ nodes: inside }, i) => inside.forEach((node) => this.around[node].push(i)));
    this.frames = []; // each group and those around it
    groups.forEach(({ parent }, i) => (this.frames[i] = [...(this.frames[parent] ?? []), i]));
    this.turn = 0;
  }

  get open() {
    return this.drawings[this.at].open;
  }

  // What a node is drawn as, by its id in the drawing: itself, or the outermost closed group around it.
  boxes() {
    const { open, merged } = this.drawings[this.at];
    const boxes = this.around.map((groups, node) => {
      const closed = groups.find((group) => !open.has(group));
      return closed === undefined ? `v${node}` : `g${closed}`;
    });
    for (const [box, nodes] of Object.entries(merged)) for (const node of nodes) boxes[node] = box;
    return boxes;
  }

  // The drawing to which the click on a group leads: with this group changed and no other; or else this one alone open, or alone
  // closed; or else the one with no more than what is around it open. -1 where the page has none of these.
  toggled(group) {
    const { open } = this, every = this.groups.map((_, i) => i), around = this.frames[group];
    const outside = (i) => !this.frames[i].includes(group);
    const wanted = open.has(group)
      ? [[...open].filter(outside), every.filter(outside), around.slice(0, -1)]
      : [[...open, group], around, every];
    return wanted.map((groups) => this.find(groups)).find((i) => i >= 0) ?? -1;
  }

  // The drawing in which just these groups are open; -1 if there is none.
  find(groups) {
    return this.drawings.findIndex(({ open, packed }) => open.size === groups.length && groups.every((i) => open.has(i)) && (!packed || CAN_UNPACK));
  }

  // The drawing with all groups open, or closed; -1 if there is none, or if it is what is shown.
  all(open) {
    const found = this.groups.length ? this.find(open ? this.groups.map((_, i) => i) : []) : -1;
    return found === this.at ? -1 : found;
  }

  // Change to a drawing. Gives its SVG, or nothing if meanwhile another one was asked for.
  async change(i) {
    const turn = (this.turn += 1), chosen = this.drawings[i];
    if (chosen.packed) Object.assign(chosen, { drawing: await unpack(chosen.drawing), packed: false });
    if (turn !== this.turn) return null;
    this.at = i;
    return chosen.drawing;
  }
}
