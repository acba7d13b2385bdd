// Pictures: what a unit sees, the whole network's answer, the curve of losses, the gradients of the layers.

// From orange (below 0) over the ground to blue (above 0), in 201 steps; w is within [-1, 1].
class Palette {
  constructor(dark) {
    this.ground = dark ? [21, 24, 29] : [255, 255, 255];
    this.ends = dark ? [[230, 159, 0], [86, 180, 233]] : [[200, 110, 0], [0, 105, 163]];
    this.steps = Array.from({ length: 201 }, (_, i) => this.mix((i - 100) / 100));
  }

  mix(w) {
    const end = this.ends[w < 0 ? 0 : 1], share = Math.abs(w);
    return this.ground.map((x, i) => Math.round(x + (end[i] - x) * share));
  }

  of(w) {
    return this.steps[Math.round(100 * Math.max(-1, Math.min(1, w))) + 100];
  }

  css(w) {
    return `rgb(${this.of(w).join(" ")})`;
  }
}

// Numbers on a grid of GRID by GRID, the first row at the top, as colours.
function paintGrid(canvas, numbers, palette, scale) {
  canvas.width = canvas.height = GRID;
  const context = canvas.getContext("2d"), image = context.createImageData(GRID, GRID);
  numbers.forEach((x, i) => {
    const [r, g, b] = palette.of(x / scale);
    image.data.set([r, g, b, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

const GRID = 40;

// A canvas as many device pixels large as it is shown, in units of CSS pixels.
function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// A curve of numbers at even steps of x.
function paintCurve(canvas, numbers, low, high, colour, size, thick = 1.5) {
  const context = sharp(canvas, size, size);
  context.strokeStyle = colour;
  context.lineWidth = thick;
  context.beginPath();
  numbers.forEach((y, i) => context.lineTo((size * i) / (numbers.length - 1), size * (1 - (y - low) / (high - low))));
  context.stroke();
}

// The epochs of which there is a note, each with its note.
function entries(history) {
  const found = [];
  history.forEach((note, epoch) => found.push([epoch, note]));
  return found;
}

// The losses of all epochs, on a scale of powers of ten where they span more than one.
function paintLosses(canvas, history, at, colours, width, height, words) {
  const context = sharp(canvas, width, height), { size } = words, left = 4.4 * size, bottom = 1.9 * size, top = 8, right = 8;
  const noted = entries(history);
  const shown = history.flatMap(({ train, test }) => [train, test]).filter((x) => x !== null && Number.isFinite(x));
  const positive = shown.filter((x) => x > 0), least = Math.min(...positive), most = Math.max(...positive);
  const powers = positive.length === shown.length && most > 10 * least, scale = powers ? Math.log10 : (x) => x;
  const low = powers ? Math.log10(least) : 0, high = Math.max(scale(Math.max(...shown)), low + 1e-12), last = Math.max(1, history.length - 1);
  const x = (epoch) => left + ((width - left - right) * epoch) / last, y = (loss) => height - bottom - ((height - bottom - top) * (scale(loss) - low)) / (high - low);
  Object.assign(context, { font: `${size}px system-ui, sans-serif`, fillStyle: colours.faint, strokeStyle: colours.line, lineWidth: 1 });
  context.strokeRect(left, top, width - left - right, height - top - bottom);
  context.textAlign = "right";
  for (const share of [0, 1]) context.fillText(show(powers ? 10 ** (low + share * (high - low)) : low + share * (high - low)), left - 5, share ? top + 0.8 * size : height - bottom);
  context.textAlign = "center";
  context.fillText(`${words.epoch} ${last}`, width - right - 3 * size, height - 6);
  context.fillText("0", left, height - 6);
  const line = (key, colour, dashes) => {
    Object.assign(context, { strokeStyle: colour, lineWidth: 2 });
    context.setLineDash(dashes);
    context.beginPath();
    const every = Math.max(1, Math.floor(noted.length / 400));
    for (let epoch = 0; epoch < noted.length; epoch += every) if (noted[epoch][1][key] !== null) context.lineTo(x(noted[epoch][0]), y(noted[epoch][1][key]));
    context.stroke();
    context.setLineDash([]);
  };
  line("train", colours.blue, []);
  line("test", colours.orange, [5, 4]);
  Object.assign(context, { strokeStyle: colours.ink, lineWidth: 1 });
  context.beginPath();
  context.moveTo(x(at), top);
  context.lineTo(x(at), height - bottom);
  context.stroke();
}

// How long the gradient of each layer is (rows, the first layer at the top), by epoch: powers of ten from 1e-6 to 10.
function paintHealth(canvas, history, width, height, palette) {
  const context = sharp(canvas, width, height), layers = history[0].gradients.length, noted = entries(history);
  const every = Math.max(1, Math.ceil(noted.length / width)), columns = Math.ceil(noted.length / every), w = width / columns, h = height / layers;
  for (let column = 0; column < columns; column += 1) {
    noted[column * every][1].gradients.forEach((length, layer) => {
      context.fillStyle = length ? palette.css((Math.log10(length) + 6) / 7) : palette.css(0);
      context.fillRect(Math.floor(column * w), layer * h, Math.ceil(w) + 1, h - 1);
    });
  }
}
