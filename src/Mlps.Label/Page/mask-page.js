'use strict';

// The part of the page on which masks are drawn: which patch, with which tissue, and when a mask is stored.
const drawing = {
  list: [],
  place: 0,
  tools: null,
  stored: null,        // the mask as the server has it
  confirmed: '',       // what the person was told before storing, and stores all the same
  background: null,
  hasBackground: false,
  shownAt: 0,
  seconds: [],
};

const isDrawing = () => !$('draw').hidden;
const entry = () => drawing.list[drawing.place];
const nameOf = index => index < state.folder.tissues.length ? state.folder.tissues[index].name : drawing.background.name;

function prepareDrawing() {
  drawing.tools = new MaskTools($('stage'), () => {
    drawing.confirmed = '';
    maskHint('');
    showTools();
  });
  const clicks = {
    masks: () => work(isDrawing() ? leaveDrawing : openDrawing),
    polygon: () => drawing.tools.choose('polygon'),
    brush: () => drawing.tools.choose('brush'),
    eraser: () => drawing.tools.choose('eraser'),
    smaller: () => drawing.tools.resize(-1),
    larger: () => drawing.tools.resize(1),
    closer: () => drawing.tools.view.zoomBy(1.5),
    farther: () => drawing.tools.view.zoomBy(1 / 1.5),
    whole: () => drawing.tools.view.showWhole(),
    outlines: toggleOutlines,
    fillRest: () => drawing.tools.fillRest(),
    closeOutline: () => drawing.tools.close(),
    maskUndo: () => drawing.tools.undo(),
    maskRedo: () => drawing.tools.redo(),
    maskNext: nextMask,
    maskSkip: skipMask,
    maskBack: backMask,
  };
  for (const [id, action] of Object.entries(clicks)) {
    $(id).addEventListener('click', action);
  }

  $('maskAround').addEventListener('click', () => enlarge($('maskAround')));
  addEventListener('beforeunload', event => {
    if (isDrawing() && isChanged()) {
      event.preventDefault();
    }
  });
}

function maskHint(text, isStrong) {
  $('maskHint').textContent = text;
  $('maskHint').classList.toggle('strong', Boolean(isStrong));
}

async function openDrawing() {
  const list = await request(`/api/masks?person=${encodeURIComponent(state.person)}`);
  Object.assign(drawing, { list: list.patches, background: list.background, hasBackground: list.hasBackground, seconds: [] });
  showMain('draw');
  listMaskTissues();
  if (drawing.list.length === 0) {
    maskHint('There is no patch to draw on.', true);
    return;
  }

  drawing.place = Math.max(0, drawing.list.findIndex(patch => patch.state !== 'finished'));
  await showMask();
}

// Back to labelling; what is drawn is stored first, so that nothing is lost.
async function leaveDrawing() {
  await storeMask();
  forgetImages(new Set());
  await show(state.history[state.place] ?? state.queue[0] ?? null);
}

function listMaskTissues() {
  const rows = [...state.folder.tissues.map((tissue, index) => [tissue, index, index < 9 ? String(index + 1) : '']), [drawing.background, state.folder.tissues.length, '0']];
  $('maskTissues').replaceChildren(...rows.map(([tissue, index, key]) => {
    const button = create('button', { type: 'button', className: 'tissue' },
      create('span', { className: `swatch${index === state.folder.tissues.length ? ' hatched' : ''}` }),
      key ? create('kbd', { textContent: key }) : create('span'),
      create('span', { textContent: tissue.name }),
      create('span', { className: 'probability' }));
    button.style.setProperty('--tissue', index === state.folder.tissues.length ? '#808080' : tissue.color);
    button.style.setProperty('--paint', tissue.color);
    button.addEventListener('click', () => chooseTissue(index));
    return button;
  }));
}

async function showMask() {
  const { patch, state: reached } = entry();
  drawing.stored = null;
  drawing.confirmed = '';
  const tools = drawing.tools;
  $('maskName').textContent = patch.name;
  $('maskSlide').textContent = patch.slide === patch.name ? '' : patch.slide;
  showAround($('maskAround'), patch);
  maskHint('');
  if (!await isLoaded(patch.index)) {
    tools.mask = null;
    tools.view.clear(broken());
    showMaskPlace();
    return;
  }

  const image = imageOf(patch.index);

  const mask = new MaskImage(image.naturalWidth, image.naturalHeight, state.folder.tissues.length + 1);
  const colour = text => [1, 3, 5].map(at => parseInt(text.slice(at, at + 2), 16));
  tools.index = patch.answer?.tissues?.[0] ?? tools.index;
  let fault = null;
  try {
    if (reached !== 'none') {
      mask.indices.set(await requestBytes(maskPath(patch, mask)));
    }
  } catch (caught) {
    fault = caught;
  }

  // A mask that is damaged is drawn anew. One that could not be fetched is not shown: a blank one would replace it.
  if (fault && reached !== 'damaged') {
    tools.mask = null;
    tools.view.clear(create('p', { className: 'broken', textContent: 'The mask could not be loaded. Click it in the strip to try again.' }));
  } else {
    drawing.stored = reached === 'damaged' ? null : mask.indices.slice();
    tools.show(image, mask, [...state.folder.tissues, drawing.background].map(tissue => colour(tissue.color)));
  }

  showMaskPlace();
  if (fault) {
    throw fault;
  }

  if (patch.answer?.tissues?.length > 0) {
    maskHint(`You said: ${namesOf(patch.answer.tissues)}.`);
  }
}

function showMaskPlace() {
  showTools();
  showMaskStrip();
  showMaskProgress();
  drawing.shownAt = performance.now();
  document.body.dataset.mask = entry().patch.index;
}

const maskPath = (patch, mask) => `/api/mask/${patch.index}?person=${encodeURIComponent(state.person)}&width=${mask.width}&height=${mask.height}`;

function isChanged() {
  const { mask } = drawing.tools;
  return Boolean(mask) && mask.indices.some((index, pixel) => index !== (drawing.stored ? drawing.stored[pixel] : mask.noAnswer));
}

async function storeMask() {
  const { mask } = drawing.tools;
  drawing.tools.discard();
  if (!isDrawing() || !isChanged()) {
    return;
  }

  const started = performance.now();
  const indices = mask.indices.slice();
  const { state: reached } = await request(maskPath(entry().patch, mask), indices);
  drawing.stored = indices;
  entry().state = reached;
  drawing.seconds = [...drawing.seconds.slice(-9), Math.min((started - drawing.shownAt) / 1000, 300)];
}

// What somebody should know before a mask is stored; empty where it is as it should be.
function doubts() {
  const { mask, index } = drawing.tools;
  const counts = mask.counts();
  const open = counts.at(-1);
  const said = entry().patch.answer?.tissues;
  const lacking = said?.filter(tissue => counts[tissue] === 0) ?? [];
  const others = said ? state.folder.tissues.flatMap((_, tissue) => counts[tissue] > 0 && !said.includes(tissue) ? [tissue] : []) : [];
  return [
    open === mask.indices.length ? 'Nothing is drawn yet.' : open > 0 ? `${share(open, mask)} have no answer.` : '',
    open > 0 ? `F makes ${open === mask.indices.length ? 'all of it' : 'them'} ${nameOf(index)}.` : '',
    lacking.length > 0 ? `You said that ${namesOf(lacking)} occurs, and the mask has none.` : '',
    others.length > 0 ? `The mask has ${namesOf(others)}, which you did not name.` : '',
    open === mask.indices.length ? 'S passes the patch over.' : '',
  ].filter(Boolean).join(' ');
}

function share(pixels, mask) {
  const percent = 100 * pixels / mask.indices.length;
  return percent < 1 ? 'Less than 1 %' : `${Math.round(percent)} %`;
}

function nextMask() {
  const { tools } = drawing;
  if (tools.isOpen) {
    tools.close();
    return;
  }

  if (tools.mask) {
    const reasons = doubts();
    const isNothing = !isChanged() && tools.mask.counts().at(-1) === tools.mask.indices.length;
    if (reasons && (isNothing || (isChanged() && drawing.confirmed !== reasons))) {
      drawing.confirmed = reasons;
      maskHint(isNothing ? reasons : `${reasons} Enter stores it all the same; what has no answer does not count.`, true);
      return;
    }
  }

  work(() => moveOn(true));
}

// Stores the mask where it is to be kept, and shows the next patch without one.
async function moveOn(isKept) {
  if (isKept) {
    await storeMask();
  } else {
    drawing.tools.discard();
  }

  const ahead = [...drawing.list.keys()].map(step => (drawing.place + 1 + step) % drawing.list.length);
  const next = isKept ? ahead.find(place => place !== drawing.place && ['none', 'damaged'].includes(drawing.list[place].state)) : ahead[0];
  if (next === undefined) {
    await showMask();
    maskHint('All masks are drawn. Thank you. An export makes a validation set of them.', true);
    return;
  }

  drawing.place = next;
  await showMask();
}

function skipMask() {
  if (isChanged() && drawing.confirmed !== 'skip') {
    drawing.confirmed = 'skip';
    maskHint('Enter stores what you drew. S once more passes the patch over and forgets it.', true);
    return;
  }

  work(() => moveOn(false));
}

function backMask() {
  if (drawing.tools.isOpen) {
    drawing.tools.undo();
    return;
  }

  work(async () => {
    await storeMask();
    drawing.place = (drawing.place + drawing.list.length - 1) % drawing.list.length;
    await showMask();
  });
}

function chooseTissue(index) {
  if (index > state.folder.tissues.length) {
    return;
  }

  drawing.tools.index = index;
  if (drawing.tools.tool === 'eraser') {
    drawing.tools.tool = 'brush';
  }

  drawing.tools.changed();
}

function toggleOutlines() {
  const { view, mask } = drawing.tools;
  view.isOutlined = !view.isOutlined;
  if (mask) {
    view.canvas.getContext('2d').clearRect(0, 0, mask.width, mask.height);
    view.paint();
  }

  showTools();
}

function showTools() {
  const { tools } = drawing;
  for (const tool of ['polygon', 'brush', 'eraser']) {
    $(tool).setAttribute('aria-pressed', String(tools.tool === tool));
  }

  $('size').textContent = `${tools.size} px`;
  $('outlines').setAttribute('aria-pressed', String(tools.view.isOutlined));
  $('closeOutline').disabled = tools.points.length < 3;
  const counts = tools.mask?.counts();
  for (const [index, button] of [...$('maskTissues').children].entries()) {
    button.setAttribute('aria-pressed', String(tools.index === index));
    button.querySelector('.probability').textContent = counts?.[index] > 0 ? share(counts[index], tools.mask) : '';
  }

  $('fillWith').textContent = nameOf(tools.index);
  $('fillRest').disabled = !counts || counts.at(-1) === 0;
  $('answered').textContent = !counts ? '' : counts.at(-1) === 0 ? 'Every pixel has an answer' : `${share(counts.at(-1), tools.mask)} without an answer`;
  $('maskUndo').disabled = !tools.mask || (tools.mask.done.length === 0 && !tools.isOpen);
  $('maskRedo').disabled = !tools.mask || tools.mask.undone.length === 0;
}

function showMaskStrip() {
  const first = Math.max(0, Math.min(drawing.place - 2, drawing.list.length - 12));
  const some = drawing.list.slice(first, first + 24);
  for (const { patch } of drawing.list.slice(drawing.place, drawing.place + 4)) {
    imageOf(patch.index);
  }

  forgetImages(new Set(some.map(({ patch }) => patch.index)));
  $('strip').replaceChildren(...some.map(({ patch, state: reached }, at) => {
    const image = create('img', { src: pathOf('patch', patch.index), alt: '' });
    const button = create('button', { type: 'button', className: `thumb ${reached}`, title: `${patch.name}: ${{ none: 'not drawn', damaged: 'cannot be read', unfinished: 'unfinished', finished: 'drawn' }[reached]}` }, image);
    button.setAttribute('aria-current', String(first + at === drawing.place));
    button.addEventListener('click', () => work(async () => {
      await storeMask();
      drawing.place = first + at;
      await showMask();
    }));
    return button;
  }));
}

function showMaskProgress() {
  const finished = drawing.list.filter(patch => patch.state === 'finished').length;
  const unfinished = drawing.list.filter(patch => patch.state === 'unfinished').length;
  const left = drawing.list.length - finished - unfinished;
  $('bar').max = Math.max(1, drawing.list.length);
  $('bar').value = finished;
  $('count').textContent = `${finished} of ${drawing.list.length} masks`;
  const mean = drawing.seconds.reduce((sum, seconds) => sum + seconds, 0) / drawing.seconds.length;
  $('pace').textContent = [
    unfinished > 0 ? `${unfinished} unfinished` : '',
    drawing.seconds.length > 2 ? `${Math.round(mean)} s a mask` : '',
    drawing.seconds.length > 2 && left > 0 ? `about ${Math.ceil(mean * left / 60)} min left` : '',
  ].filter(Boolean).join(' · ');
}

// Keys while masks are drawn; whether the key was one of them.
function drawByKey(event) {
  const { tools } = drawing;
  const key = event.key.toLowerCase();
  if (state.busy || tools.isDown) {
    return true;
  }

  if (key === '[' || key === ',' || key === ']' || key === '.') {
    tools.resize(key === '[' || key === ',' ? -1 : 1);
  } else if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
    (key === 'y' || event.shiftKey) ? tools.redo() : tools.undo();
  } else if (event.ctrlKey || event.altKey || event.metaKey) {
    return false;
  } else if (/^[0-9]$/.test(key)) {
    const index = key === '0' ? state.folder.tissues.length : Number(key) - 1;
    if (key === '0' || index < state.folder.tissues.length) {
      chooseTissue(index);
    }
  } else if (key === '+' || key === '=' || key === '-') {
    tools.view.zoomBy(key === '-' ? 1 / 1.5 : 1.5);
  } else if (key === 'escape') {
    if ($('maskAround').getAttribute('aria-pressed') === 'true') {
      enlarge($('maskAround'));
    } else {
      tools.discard();
      tools.changed();
    }
  } else {
    const actions = {
      enter: nextMask, backspace: backMask, p: () => tools.choose('polygon'), b: () => tools.choose('brush'), e: () => tools.choose('eraser'), f: () => tools.fillRest(),
      z: () => tools.undo(), u: () => tools.undo(), y: () => tools.redo(), v: () => tools.view.showWhole(), o: toggleOutlines, s: skipMask,
      a: () => enlarge($('maskAround')), m: () => work(leaveDrawing),
    };
    if (!(key in actions)) {
      return false;
    }

    if (!event.repeat || key === 'z' || key === 'u' || key === 'y') {
      actions[key]();
    }
  }

  return true;
}
