'use strict';

// Polygon, brush and eraser: what pointers on a patch do to its mask.
class MaskTools {
  static sizes = [1, 2, 3, 5, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
  static #near = 10;
  static #step = 3;

  // changed() is called whenever the mask, the tool or an open outline is another.
  constructor(stage, changed) {
    Object.assign(this, { changed, mask: null, tool: 'polygon', index: 0, sizeAt: 5, points: [], isLasso: false, isDown: false, last: null });
    this.view = new MaskView(stage, {
      down: point => this.#down(point),
      drag: points => this.#drag(points),
      up: () => this.#up(),
      cancel: () => this.#cancel(),
      hover: point => this.#hover(point),
    });
  }

  get size() {
    return MaskTools.sizes[this.sizeAt];
  }

  get isOpen() {
    return this.points.length > 0;
  }

  show(image, mask, colours) {
    Object.assign(this, { mask, points: [], isDown: false, isLasso: false });
    this.view.show(image, mask, colours);
  }

  choose(tool) {
    this.discard();
    this.tool = tool;
    this.#ring(this.last);
    this.changed();
  }

  resize(steps) {
    this.sizeAt = Math.min(MaskTools.sizes.length - 1, Math.max(0, this.sizeAt + steps));
    if (this.tool === 'polygon') {
      this.tool = 'brush';
      this.discard();
    }

    this.#ring(this.last);
    this.changed();
  }

  // Takes one change back, or makes it again; an open outline first loses its last point.
  undo() {
    if (!this.mask) {
      return;
    }

    if (this.isOpen) {
      this.points.pop();
      this.#outline();
      this.changed();
    } else {
      this.#paint(this.mask.undo());
    }
  }

  redo() {
    if (this.mask) {
      this.#paint(this.mask.redo());
    }
  }

  fillRest() {
    if (this.mask) {
      this.discard();
      this.#change(() => this.mask.fillRest(this.index));
    }
  }

  close() {
    const points = this.points;
    this.discard();
    if (points.length > 2) {
      this.#change(() => this.mask.polygon(points, this.index));
    }
  }

  discard() {
    this.points = [];
    this.isLasso = false;
    this.#outline();
  }

  // Pixels of the patch that so many pixels of the screen are.
  #screen(pixels) {
    return pixels / this.view.scale;
  }

  #inside(point) {
    return { x: Math.min(this.mask.width, Math.max(0, point.x)), y: Math.min(this.mask.height, Math.max(0, point.y)) };
  }

  #down(point) {
    if (state.busy) {
      return;
    }

    this.isDown = true;
    this.last = point;
    if (this.tool !== 'polygon') {
      this.mask.begin();
      this.#stroke(point, point);
      return;
    }

    const place = this.#inside(point);
    const isAt = other => Math.hypot(other.x - place.x, other.y - place.y) < this.#screen(MaskTools.#near);
    if (this.points.length > 2 && (isAt(this.points[0]) || isAt(this.points.at(-1)))) {
      this.isDown = false;
      this.close();
      return;
    }

    this.isLasso = !this.isOpen;
    this.points.push(place);
    this.#outline();
    this.changed();
  }

  #drag(points) {
    if (!this.isDown) {
      return;
    }

    for (const point of points) {
      if (this.tool !== 'polygon') {
        this.#stroke(this.last, point);
        this.last = point;
        continue;
      }

      const place = this.#inside(point);
      const before = this.points.at(-1);
      if (Math.hypot(place.x - before.x, place.y - before.y) >= this.#screen(MaskTools.#step)) {
        this.points.push(place);
      }
    }

    if (this.tool === 'polygon') {
      this.#outline();
    } else {
      this.#ring(this.last);
    }
  }

  #up() {
    if (!this.isDown) {
      return;
    }

    this.isDown = false;
    if (this.tool !== 'polygon') {
      this.mask.end();
      this.changed();
    } else if (this.isLasso && this.points.length > 4) {
      this.close();
    } else {
      this.changed();
    }
  }

  #cancel() {
    if (this.isDown && this.tool === 'polygon') {
      // The finger that came first was to move the patch.
      this.points = this.isLasso ? [] : this.points.slice(0, -1);
      this.#outline();
    } else if (this.isDown) {
      this.mask.cancel();
      this.view.paint();
    }

    this.isDown = false;
    this.#ring(null);
    this.changed();
  }

  #hover(point) {
    this.last = point;
    this.#ring(point);
    if (this.tool === 'polygon' && this.isOpen) {
      this.view.drawOutline(point ? [...this.points, this.#inside(point)] : this.points);
    }
  }

  #stroke(from, to) {
    this.view.paint(this.mask.stroke(from, to, this.size, this.tool === 'eraser' ? this.mask.noAnswer : this.index));
  }

  #change(action) {
    this.mask.begin();
    action();
    this.#paint(this.mask.end());
  }

  #paint(box) {
    if (box) {
      this.view.paint(box);
    }

    this.changed();
  }

  #outline() {
    if (this.mask) {
      this.view.drawOutline(this.points);
    }
  }

  #ring(point) {
    if (this.mask) {
      this.view.drawRing(point, this.tool === 'polygon' ? 0 : this.size);
    }
  }
}
