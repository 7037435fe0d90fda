'use strict';

// A patch with its mask on the screen: colours, zoom, and what pointers do. One finger, pen or button draws; two fingers, the wheel, or a dragged middle button move and zoom.
class MaskView {
  static mostZoom = 24;
  static #tint = 84;

  // handlers: down(point), drag(points), up(), cancel(), hover(point or null); points are in pixels of the patch.
  constructor(stage, handlers) {
    this.stage = stage;
    this.handlers = handlers;
    this.canvas = create('canvas', {});
    this.outline = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    this.lines = ['under', 'over'].map(name => {
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
      line.setAttribute('class', name);
      this.outline.append(line);
      return line;
    });
    this.start = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    this.outline.append(this.start);
    this.sheet = create('div', { className: 'sheet' });
    this.ring = create('div', { className: 'ring', hidden: true });
    stage.replaceChildren(this.sheet, this.ring);
    this.pointers = new Map();
    this.isOutlined = false;
    this.zoom = 1;
    this.centre = { x: 0, y: 0 };
    for (const [name, listener] of Object.entries({ pointerdown: this.#down, pointermove: this.#move, pointerup: this.#up, pointercancel: this.#up, pointerleave: this.#leave, wheel: this.#wheel })) {
      stage.addEventListener(name, listener.bind(this), { passive: false });
    }

    stage.addEventListener('contextmenu', event => event.preventDefault());
    new ResizeObserver(() => this.#place()).observe(stage);
  }

  // colours: [red, green, blue] of each index with an answer; the last is hatched.
  show(image, mask, colours) {
    Object.assign(this, { mask, colours, zoom: 1, centre: { x: mask.width / 2, y: mask.height / 2 } });
    Object.assign(this.canvas, { width: mask.width, height: mask.height });
    this.outline.setAttribute('viewBox', `0 0 ${mask.width} ${mask.height}`);
    this.sheet.replaceChildren(image, this.canvas, this.outline);
    this.pointers.clear();
    this.paint();
    this.drawOutline([]);
    this.#place();
  }

  clear(...content) {
    this.mask = null;
    this.sheet.replaceChildren(...content);
  }

  // Screen pixels along a pixel of the patch.
  get scale() {
    return this.#fit() * this.zoom;
  }

  paint(box = { left: 0, top: 0, right: this.mask.width, bottom: this.mask.height }) {
    const { width, height, indices, noAnswer } = this.mask;
    const [left, top, right, bottom] = [Math.max(0, box.left - 1), Math.max(0, box.top - 1), Math.min(width, box.right + 1), Math.min(height, box.bottom + 1)];
    if (left >= right || top >= bottom) {
      return;
    }

    const pixels = new ImageData(right - left, bottom - top);
    for (let y = top, at = 0; y < bottom; y++) {
      for (let x = left; x < right; x++, at += 4) {
        const index = indices[(y * width) + x];
        if (index === noAnswer) {
          continue;
        }

        const isEdge = (x > 0 && indices[(y * width) + x - 1] !== index) || (x + 1 < width && indices[(y * width) + x + 1] !== index)
          || (y > 0 && indices[((y - 1) * width) + x] !== index) || (y + 1 < height && indices[((y + 1) * width) + x] !== index);
        const isLast = index === noAnswer - 1;
        const colour = isLast && (x + y) % 8 < 2 ? [70, 70, 70] : this.colours[index];
        pixels.data.set(colour, at);
        pixels.data[at + 3] = isEdge ? 255 : this.isOutlined ? 0 : isLast ? 170 : MaskView.#tint;
      }
    }

    this.canvas.getContext('2d').putImageData(pixels, left, top);
  }

  drawOutline(points) {
    for (const line of this.lines) {
      line.setAttribute('points', points.map(point => `${point.x},${point.y}`).join(' '));
    }

    const isOpen = points.length > 1;
    this.start.setAttribute('r', isOpen ? String(6 / this.scale) : '0');
    if (isOpen) {
      this.start.setAttribute('cx', String(points[0].x));
      this.start.setAttribute('cy', String(points[0].y));
    }
  }

  // The circle that a brush would paint; none where there is no point or diameter.
  drawRing(point, diameter) {
    this.ring.hidden = !point || !diameter;
    if (!this.ring.hidden) {
      const size = Math.max(4, diameter * this.scale);
      const { left, top } = this.#corner();
      Object.assign(this.ring.style, { width: `${size}px`, height: `${size}px`, left: `${left + (point.x * this.scale) - (size / 2)}px`, top: `${top + (point.y * this.scale) - (size / 2)}px` });
    }
  }

  // Zooms around a place on the screen, or around the middle.
  zoomBy(factor, place) {
    if (!this.mask) {
      return;
    }

    const rectangle = this.stage.getBoundingClientRect();
    const at = place ?? { clientX: rectangle.left + (rectangle.width / 2), clientY: rectangle.top + (rectangle.height / 2) };
    const under = this.#point(at);
    this.zoom = Math.min(MaskView.mostZoom, Math.max(1, this.zoom * factor));
    this.centre = {
      x: under.x - ((at.clientX - rectangle.left - (rectangle.width / 2)) / this.scale),
      y: under.y - ((at.clientY - rectangle.top - (rectangle.height / 2)) / this.scale),
    };
    this.#place();
  }

  showWhole() {
    this.zoom = 1;
    this.#place();
  }

  #fit() {
    return Math.max(1e-3, Math.min(this.stage.clientWidth / this.mask.width, this.stage.clientHeight / this.mask.height));
  }

  #corner() {
    return { left: (this.stage.clientWidth / 2) - (this.centre.x * this.scale), top: (this.stage.clientHeight / 2) - (this.centre.y * this.scale) };
  }

  #place() {
    if (!this.mask) {
      return;
    }

    const clamp = (centre, size, room) => size * this.scale <= room ? size / 2 : Math.min(size - (room / 2 / this.scale), Math.max(room / 2 / this.scale, centre));
    this.centre = { x: clamp(this.centre.x, this.mask.width, this.stage.clientWidth), y: clamp(this.centre.y, this.mask.height, this.stage.clientHeight) };
    const { left, top } = this.#corner();
    Object.assign(this.sheet.style, { left: `${left}px`, top: `${top}px`, width: `${this.mask.width * this.scale}px`, height: `${this.mask.height * this.scale}px` });
    this.start.setAttribute('r', this.start.getAttribute('r') === '0' ? '0' : String(6 / this.scale));
    this.ring.hidden = true;
  }

  #point(event) {
    const rectangle = this.stage.getBoundingClientRect();
    const { left, top } = this.#corner();
    return { x: (event.clientX - rectangle.left - left) / this.scale, y: (event.clientY - rectangle.top - top) / this.scale };
  }

  #isMoving() {
    return this.pointers.size > 1 || [...this.pointers.values()].some(pointer => pointer.moves);
  }

  #down(event) {
    if (!this.mask || (event.pointerType === 'mouse' && event.button === 2)) {
      return;
    }

    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY, moves: event.pointerType === 'mouse' && event.button === 1 });
    if (this.#isMoving()) {
      this.handlers.cancel();
    } else {
      this.handlers.down(this.#point(event));
    }
  }

  #move(event) {
    if (!this.mask) {
      return;
    }

    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) {
      this.handlers.hover(this.#point(event));
    } else if (this.#isMoving()) {
      this.#pinch(event, pointer);
    } else {
      const events = event.getCoalescedEvents?.() ?? [];
      this.handlers.drag((events.length > 0 ? events : [event]).map(each => this.#point(each)));
    }

    Object.assign(pointer ?? {}, { clientX: event.clientX, clientY: event.clientY });
  }

  #pinch(event, pointer) {
    const other = [...this.pointers.entries()].find(([id]) => id !== event.pointerId)?.[1];
    this.centre = { x: this.centre.x - ((event.clientX - pointer.clientX) / this.scale / this.pointers.size), y: this.centre.y - ((event.clientY - pointer.clientY) / this.scale / this.pointers.size) };
    if (other) {
      const distance = place => Math.max(1, Math.hypot(place.clientX - other.clientX, place.clientY - other.clientY));
      this.zoomBy(distance(event) / distance(pointer), { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 });
    }

    this.#place();
  }

  #up(event) {
    if (!this.pointers.has(event.pointerId)) {
      return;
    }

    const wasMoving = this.#isMoving();
    this.pointers.delete(event.pointerId);
    if (wasMoving) {
      // The last finger of two draws nothing.
      for (const left of this.pointers.values()) {
        left.moves = true;
      }
    } else if (event.type === 'pointercancel') {
      this.handlers.cancel();
    } else {
      this.handlers.up();
    }
  }

  #leave(event) {
    if (!this.pointers.has(event.pointerId)) {
      this.handlers.hover(null);
    }
  }

  #wheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event);
  }
}
