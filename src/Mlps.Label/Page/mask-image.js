'use strict';

// A mask while it is drawn: the index of each pixel, row by row, shapes as pixels, and what can be undone. It knows nothing of the page.
// Places are in pixels from the upper left corner; the centre of the first pixel is (0.5, 0.5).
class MaskImage {
  static mostHistory = 64 << 20;

  constructor(width, height, noAnswer) {
    Object.assign(this, { width, height, noAnswer, done: [], undone: [], before: null });
    this.indices = new Uint8Array(width * height).fill(noAnswer);
  }

  // Every change lies between begin and end, and is undone as one; cancel takes it back at once.
  begin() {
    this.before = this.indices.slice();
  }

  end() {
    const before = this.before;
    this.before = null;
    const box = this.#changed(before);
    if (!box) {
      return null;
    }

    this.done.push({ box, before: this.#cut(before, box), after: this.#cut(this.indices, box) });
    this.undone = [];
    for (let bytes = this.done.reduce((sum, change) => sum + 2 * change.before.length, 0); bytes > MaskImage.mostHistory && this.done.length > 1;) {
      bytes -= 2 * this.done.shift().before.length;
    }

    return box;
  }

  cancel() {
    if (this.before) {
      this.indices.set(this.before);
      this.before = null;
    }
  }

  undo() {
    return this.#move(this.done, this.undone, 'before');
  }

  redo() {
    return this.#move(this.undone, this.done, 'after');
  }

  // A line as wide as a brush, with round ends; at least the pixel that it ends in.
  stroke(from, to, diameter, index) {
    const radius = diameter / 2;
    const box = this.#clip(Math.min(from.x, to.x) - radius, Math.min(from.y, to.y) - radius, Math.max(from.x, to.x) + radius, Math.max(from.y, to.y) + radius);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = (dx * dx) + (dy * dy);
    for (let y = box.top; y < box.bottom; y++) {
      for (let x = box.left; x < box.right; x++) {
        const along = length === 0 ? 0 : Math.min(1, Math.max(0, (((x + 0.5 - from.x) * dx) + ((y + 0.5 - from.y) * dy)) / length));
        const [ax, ay] = [x + 0.5 - from.x - (along * dx), y + 0.5 - from.y - (along * dy)];
        if ((ax * ax) + (ay * ay) <= radius * radius) {
          this.indices[(y * this.width) + x] = index;
        }
      }
    }

    const [x, y] = [Math.floor(to.x), Math.floor(to.y)];
    if (x >= 0 && y >= 0 && x < this.width && y < this.height) {
      this.indices[(y * this.width) + x] = index;
    }

    return box;
  }

  // The pixels whose centres the outline goes around, once or more, in either direction.
  polygon(points, index) {
    const box = this.#clip(Math.min(...points.map(point => point.x)), Math.min(...points.map(point => point.y)), Math.max(...points.map(point => point.x)), Math.max(...points.map(point => point.y)));
    for (let y = box.top; y < box.bottom; y++) {
      const crossings = [];
      for (const [place, from] of points.entries()) {
        const to = points[(place + 1) % points.length];
        if ((from.y <= y + 0.5) !== (to.y <= y + 0.5)) {
          crossings.push({ x: from.x + ((y + 0.5 - from.y) / (to.y - from.y) * (to.x - from.x)), turn: from.y < to.y ? 1 : -1 });
        }
      }

      crossings.sort((a, b) => a.x - b.x);
      let turns = 0;
      for (let place = 0; place + 1 < crossings.length; place++) {
        turns += crossings[place].turn;
        if (turns !== 0) {
          const first = Math.max(box.left, Math.ceil(crossings[place].x - 0.5));
          const end = Math.min(box.right, Math.ceil(crossings[place + 1].x - 0.5));
          if (first < end) {
            this.indices.fill(index, (y * this.width) + first, (y * this.width) + end);
          }
        }
      }
    }

    return box;
  }

  fillRest(index) {
    for (let pixel = 0; pixel < this.indices.length; pixel++) {
      if (this.indices[pixel] === this.noAnswer) {
        this.indices[pixel] = index;
      }
    }
  }

  // How many pixels have each index.
  counts() {
    const counts = new Array(this.noAnswer + 1).fill(0);
    for (const index of this.indices) {
      counts[index]++;
    }

    return counts;
  }

  #move(from, to, which) {
    const change = from.pop();
    if (!change) {
      return null;
    }

    to.push(change);
    const { box } = change;
    const width = box.right - box.left;
    for (let y = box.top; y < box.bottom; y++) {
      this.indices.set(change[which].subarray((y - box.top) * width, (y - box.top + 1) * width), (y * this.width) + box.left);
    }

    return box;
  }

  #changed(before) {
    let box = null;
    for (let y = 0, pixel = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++, pixel++) {
        if (before[pixel] !== this.indices[pixel]) {
          box ??= { left: x, top: y, right: x + 1, bottom: y + 1 };
          box.left = Math.min(box.left, x);
          box.right = Math.max(box.right, x + 1);
          box.bottom = y + 1;
        }
      }
    }

    return box;
  }

  #cut(indices, box) {
    const width = box.right - box.left;
    const cut = new Uint8Array(width * (box.bottom - box.top));
    for (let y = box.top; y < box.bottom; y++) {
      cut.set(indices.subarray((y * this.width) + box.left, (y * this.width) + box.right), (y - box.top) * width);
    }

    return cut;
  }

  #clip(left, top, right, bottom) {
    return {
      left: Math.max(0, Math.floor(left)),
      top: Math.max(0, Math.floor(top)),
      right: Math.min(this.width, Math.ceil(right) + 1),
      bottom: Math.min(this.height, Math.ceil(bottom) + 1),
    };
  }
}
