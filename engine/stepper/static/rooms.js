// Where the boxes of the map stand, and how much each of them says: as much as the window allows. A step changes none of it.

const ROOM_LEVELS = [
  ...[[48, 3], [33, 2], [18, 1], [16, 1]].map(([high, lines]) => ({ high, lines })), // boxes one below the other, with so many lines
  ...[2, 3, 4, 5, 6].map((across) => ({ high: 16, across, named: true })), // names side by side
  ...[22, 16, 13, 10, 8, 6, 4].map((high) => ({ high, square: true })),
]; // heights at a text of 12 pixels
const TITLE_LINE = 15, COLUMN_GAP = 22, NARROWEST_ROOM = 40, FOUR_DIGITS = "−0.2222";

class Room {
  constructor(map, frames, [width, most], ruler) {
    const { cells: all } = map.map, unit = ruler.size / 12;
    Object.assign(this, { map, ruler, unit, width, most, level: 0, cells: frames.flatMap(({ cells }) => cells), alone: frames[0].cells.length === 1 && !frames[0].headed });
    this.title = this.alone ? "" : frames[0].title;
    this.names = Math.max(...this.cells.map((cell) => ruler.bold.width(map.called(cell))));
    this.several = this.cells.some((cell) => map.outputs[cell].length !== 1);
    this.weight = this.cells.every((cell) => all[cell].group === null && !map.machine.nodes[all[cell].nodes[0]].rule) ? 2 : 1; // leaves shrink first
  }

  get kind() {
    return ROOM_LEVELS[this.level];
  }

  get head() {
    return this.title ? (TITLE_LINE + 3) * this.unit : 0;
  }

  get across() {
    const { across, square, high } = this.kind;
    return square ? Math.ceil((this.cells.length * high * this.unit) / (0.85 * this.most)) : across ?? 1;
  }

  // Groups side by side stand in steps, so that each stands below the one before it.
  get steps() {
    return this.across > 1 && this.map.map.cells[this.cells[0]].group !== null ? (this.kind.high * this.unit) / this.across : 0;
  }

  get height() {
    return this.head + Math.ceil(this.cells.length / this.across) * this.kind.high * this.unit + this.steps * (this.across - 1) + (this.cells.length > 1 ? 6 * this.unit : 1);
  }

  // How wide it wants to be, and how wide it must be.
  get wanted() {
    const { unit, names, ruler } = this, digits = ruler.width(FOUR_DIGITS);
    if (this.several && this.kind.lines) return Math.max(names, ruler.width("∂ 000 / 000")) + 14 * unit;
    if (this.kind.lines === 3) return Math.max(names + (this.alone ? 0 : digits), digits + 10 * unit) + 14 * unit;
    return this.kind.lines ? names + digits + (this.kind.lines > 1 ? 14 : 20) * unit : this.least;
  }

  get least() {
    const { unit, across, kind } = this;
    return kind.lines ? NARROWEST_ROOM * unit : across * (kind.named ? Math.min(this.names + 13 * unit, 90 * unit) : kind.high * unit);
  }

  // The next level, if there is one: where it is for the sake of the width, the next that is narrower.
  next(narrower = false) {
    const now = this.least, at = this.level;
    do this.level += 1;
    while (this.kind && ((narrower && this.least >= now) || (this.kind.named && (this.across > this.cells.length || this.least > 0.3 * this.width))));
    const found = this.level < ROOM_LEVELS.length;
    if (!found) this.level = at;
    return found;
  }

  // Put its boxes where it stands; gives its frame.
  settle(x, y, width, spread, places) {
    const { cells, unit, head, alone, across, kind } = this, margin = 4 * unit, top = y + head + (cells.length > 1 && !alone ? 3 * unit : 0);
    const wide = kind.lines ? width : Math.min(width, this.least) / across, left = x + (width - across * wide) / 2, pitch = kind.high * unit + spread;
    const values = width - this.names - 20 * unit >= this.ruler.width("−0.22"); // in a line beside the name: of all boxes, or of none
    cells.forEach((cell, i) => {
      const place = { x: left + (i % across) * wide, y: top + Math.floor(i / across) * pitch + (i % across) * this.steps, w: wide - (across > 1 ? 2 : 0) };
      places[cell] = { ...place, h: (kind.high - (kind.high > 20 ? 3 : kind.high > 16 ? 2 : 1)) * unit, lines: kind.lines ?? 0, named: Boolean(kind.named), values };
    });
    return { x: x - margin, y, w: width + 2 * margin, h: this.height, title: this.title, drawn: !alone, cells };
  }
}

const sumOf = (rooms, key) => rooms.reduce((sum, room) => sum + room[key], 0);

// The rooms of a column: boxes that stand by themselves are alike.
function roomsOf(map, frames, size, ruler) {
  const titled = frames.filter(({ title }) => title), shown = frames.map((frame) => ({ ...frame, headed: frame.title && (frame.cells.length > 1 || titled.length < 4) }));
  const rooms = [];
  for (const frame of shown) {
    const last = rooms.at(-1), alone = frame.cells.length === 1 && !frame.headed;
    if (alone && last?.[0].cells.length === 1 && !last[0].headed) last.push(frame);
    else rooms.push([frame]);
  }
  return rooms.map((each) => new Room(map, each, size, ruler));
}

// Make the rooms of a column fit: the highest gets smaller boxes, again and again; last of all titles go.
function shrink(rooms, height) {
  while (sumOf(rooms, "height") > height) {
    const able = rooms.toSorted((a, b) => b.height * b.weight - a.height * a.weight).find((room) => room.next());
    const titled = able ? null : rooms.find(({ title }) => title);
    if (titled) titled.title = "";
    else if (!able) return;
  }
}

// Where all cells stand in a window: { cells, frames, width, height }.
function placed(map, width, height, ruler) {
  const unit = ruler.size / 12, { columns, frames } = map.map, room = height - 4, gap = Math.min(COLUMN_GAP * unit, (width / columns) * 0.25), space = width - columns * gap;
  const all = Array.from({ length: columns }, (_, c) => roomsOf(map, frames.filter(({ column }) => column === c), [width, room], ruler));
  all.forEach((rooms) => shrink(rooms, room));
  const of = (key) => all.map((rooms) => Math.max(...rooms.map((each) => each[key])));
  while (of("least").reduce((a, b) => a + b) > space) {
    const widest = all.flat().toSorted((a, b) => b.least - a.least).find((each) => each.next(true));
    if (!widest) break;
    all.forEach((rooms) => shrink(rooms, room));
  }
  const widths = sharedOut(of("least"), of("wanted").map((w) => Math.min(w, 140 * unit)), space), spare = Math.max(0, space - widths.reduce((a, b) => a + b));
  const between = gap + spare / columns, places = { cells: [], frames: [], width, height };
  let x = between / 2;
  all.forEach((rooms, c) => {
    const inside = rooms.reduce((sum, { alone, cells }) => sum + (alone ? cells.length - 1 : 0), 0), free = Math.max(0, room - sumOf(rooms, "height"));
    const spread = Math.min(20 * unit, free / (inside + rooms.length + 1)), gaps = (free - spread * inside) / (rooms.length + 1);
    let y = 2 + gaps;
    for (const each of rooms) {
      places.frames.push(each.settle(x, y, widths[c], each.alone ? spread : 0, places.cells));
      y += each.height + gaps + (each.alone ? spread * (each.cells.length - 1) : 0);
    }
    x += widths[c] + between;
  });
  return places;
}

// What each column gets: what it must have, and of what it wants besides as large a part as there is room for.
function sharedOut(least, wanted, space) {
  const must = least.reduce((a, b) => a + b), more = wanted.map((w, i) => Math.max(0, w - least[i])), sum = more.reduce((a, b) => a + b);
  const part = sum ? Math.max(0, Math.min(1, (space - must) / sum)) : 0;
  return least.map((w, i) => w + part * more[i]);
}
