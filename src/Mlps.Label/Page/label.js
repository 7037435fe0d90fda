'use strict';

// The page's own address carries the token. The browser keeps nothing but the person's name, until the tab is closed.
const token = new URLSearchParams(location.search).get('token');
const $ = id => document.getElementById(id);
const prefetched = 8;
const restSeconds = 60;

const state = {
  folder: null,
  person: '',
  done: 0,
  total: 0,
  queue: [],        // what is not answered yet, as far as it is known
  history: [],      // what was answered, oldest first
  place: 0,         // history.length: the first of the queue; below: a patch that was answered before
  shown: null,
  chosen: new Set(),
  noneConfirmed: false,
  busy: false,
  shownAt: 0,
  seconds: [],
  images: new Map(),
};

function create(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const pathOf = (kind, index) => `/${kind}/${index}?token=${token}`;

async function request(path, body) {
  return (await respond(path, body)).json();
}

async function requestBytes(path) {
  return new Uint8Array(await (await respond(path)).arrayBuffer());
}

async function respond(path, body) {
  const isBytes = body instanceof Uint8Array;
  let response;
  try {
    response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: { 'X-Mlps-Token': token, ...(body ? { 'Content-Type': isBytes ? 'application/octet-stream' : 'application/json' } : {}) },
      body: isBytes ? body : body ? JSON.stringify(body) : undefined,
      cache: 'no-store',
    });
  } catch {
    throw new Error('mlps label does not answer. Start it again, and open the address that it prints. What was stored before is safe; this patch is not stored yet.');
  }

  if (!response.ok) {
    const text = await response.text();
    let reason = text;
    try {
      reason = JSON.parse(text).error;
    } catch {
      // Refusals are plain text.
    }

    throw new Error(reason || `The request failed (${response.status}).`);
  }

  return response;
}

function say(fault) {
  $('message').textContent = fault;
  $('message').hidden = !fault;
}

function hint(text, isStrong) {
  $('hint').textContent = text;
  $('hint').classList.toggle('strong', Boolean(isStrong));
}

// Runs one piece of work at a time; keys that come meanwhile are not meant for what is shown next.
async function work(action) {
  if (state.busy) {
    return;
  }

  state.busy = true;
  try {
    await action();
    say('');
  } catch (fault) {
    say(fault.message);
  } finally {
    state.busy = false;
    document.body.dataset.busy = '';
  }
}

function imageOf(index) {
  let image = state.images.get(index);
  if (!image) {
    image = new Image();
    image.alt = '';
    image.src = pathOf('patch', index);
    state.images.set(index, image);
  }

  return image;
}

// Whether a patch can be shown, once it is loaded; a failure is not kept, as it may be the network's.
async function isLoaded(index) {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await imageOf(index).decode();
      return true;
    } catch {
      state.images.delete(index);
    }
  }

  return false;
}

function broken() {
  return create('p', { className: 'broken', textContent: 'This file cannot be shown: it is damaged, no image, or could not be loaded. Reload the page to try again, or press S to pass it over.' });
}

function forgetImages(keep) {
  for (const index of state.images.keys()) {
    if (!keep.has(index)) {
      state.images.delete(index);
    }
  }
}

// One of the page's parts; the others are hidden.
function showMain(id) {
  for (const main of document.querySelectorAll('main')) {
    main.hidden = main.id !== id;
  }

  $('compare').setAttribute('aria-pressed', String(id === 'comparison'));
  $('masks').setAttribute('aria-pressed', String(id === 'draw'));
}

async function show(patch) {
  state.shown = patch;
  state.noneConfirmed = false;
  state.chosen = new Set(patch?.answer?.tissues ?? []);
  showMain(patch ? 'work' : 'done');
  if (patch) {
    $('patch').replaceChildren(await isLoaded(patch.index) ? imageOf(patch.index) : broken());

    $('name').textContent = patch.name;
    $('slide').textContent = patch.slide === patch.name ? '' : patch.slide;
    showAround($('around'), patch);
    hideGuess();
    hint(!patch.answer ? '' : patch.answer.tissues === null ? 'You said that you cannot say.' : `You said: ${namesOf(patch.answer.tissues)}.`);
  }

  showTissues();
  showStrip();
  showProgress();
  $('back').disabled = state.place === 0;
  state.shownAt = performance.now();
  document.body.dataset.shown = patch ? patch.index : '';
}

function namesOf(tissues) {
  return tissues.length === 0 ? 'none of these tissues' : tissues.map(tissue => state.folder.tissues[tissue].name).join(', ');
}

function showTissues() {
  for (const [tissue, button] of [...$('tissues').children].entries()) {
    button.setAttribute('aria-pressed', String(state.chosen.has(tissue)));
  }
}

function showStrip() {
  const behind = state.history.slice(Math.max(0, state.place - 2), state.place);
  const ahead = [...state.history.slice(state.place), ...state.queue].slice(0, prefetched + 8);
  for (const patch of ahead.slice(0, prefetched)) {
    imageOf(patch.index);
  }

  forgetImages(new Set([...behind, ...ahead].map(patch => patch.index)));
  $('strip').replaceChildren(...[...behind, ...ahead].map(patch => create('img', {
    src: pathOf('patch', patch.index),
    alt: '',
    title: patch.name,
    className: patch.index === state.shown?.index ? 'current' : '',
  })));
}

function showProgress() {
  const number = value => value.toLocaleString('en-GB');
  $('bar').max = Math.max(1, state.total);
  $('bar').value = state.done;
  $('count').textContent = `${number(state.done)} of ${number(state.total)}`;
  const active = state.seconds.reduce((sum, seconds) => sum + seconds, 0);
  if (state.seconds.length < 5 || active === 0) {
    $('pace').textContent = '';
    return;
  }

  const perMinute = 60 * state.seconds.length / active;
  const minutes = Math.ceil((state.total - state.done) / perMinute);
  const left = minutes < 90 ? `${minutes} min` : `${number(Math.round(minutes / 60))} h`;
  $('pace').textContent = `${perMinute.toFixed(1)} a minute${state.done < state.total ? ` · about ${left} left` : ''}`;
}

function showAround(button, patch) {
  button.hidden = !patch.hasSurroundings;
  button.setAttribute('aria-pressed', 'false');
  button.replaceChildren();
  if (patch.hasSurroundings) {
    const image = create('img', { alt: 'Surroundings of the patch in its slide' });
    image.addEventListener('error', () => { button.hidden = true; });
    image.src = pathOf('surroundings', patch.index);
    button.append(image);
  }
}

function hideGuess() {
  for (const place of document.querySelectorAll('.probability')) {
    place.textContent = '';
  }
}

async function showGuess() {
  if (!state.folder.hasModel || !state.shown) {
    return;
  }

  const { probabilities } = await request(`/api/guess/${state.shown.index}`);
  if (!probabilities) {
    hint('The model has not looked at this patch yet.');
    return;
  }

  for (const [tissue, place] of [...document.querySelectorAll('.probability')].entries()) {
    place.textContent = `${Math.round(100 * probabilities[tissue])} %`;
  }
}

function toggle(tissue) {
  if (state.busy || !state.shown || tissue >= state.folder.tissues.length) {
    return;
  }

  if (!state.chosen.delete(tissue)) {
    state.chosen.add(tissue);
  }

  state.noneConfirmed = false;
  hint('');
  showTissues();
}

function sameAsStored(tissues) {
  const stored = state.shown.answer;
  return stored && (tissues === null ? stored.tissues === null : stored.tissues !== null && stored.tissues.length === tissues.length && stored.tissues.every(tissue => tissues.includes(tissue)));
}

// Stores an answer, and shows the next patch only when the answer is on disk.
async function store(tissues) {
  const started = performance.now();
  const patch = state.shown;
  if (!patch) {
    return;
  }

  if (!sameAsStored(tissues)) {
    const seconds = (started - state.shownAt) / 1000;
    const answer = { person: state.person, index: patch.index, seconds, ...(tissues === null ? { cannotSay: true } : { tissues }) };
    const next = await request('/api/answer', answer);
    state.seconds = [...state.seconds.slice(-19), Math.min(seconds, restSeconds)];
    state.done = next.done;
    state.queue = next.next;
    patch.answer = { tissues };
    if (state.place === state.history.length) {
      state.history.push(patch);
    }
  }

  state.place = Math.min(state.place + 1, state.history.length);
  await show(state.history[state.place] ?? state.queue[0] ?? null);
  document.body.dataset.step = (performance.now() - started).toFixed(1);
}

function next() {
  const tissues = [...state.chosen].sort((a, b) => a - b);
  if (tissues.length === 0 && !state.noneConfirmed && !sameAsStored(tissues)) {
    if (state.shown) {
      state.noneConfirmed = true;
      hint('No tissue is chosen. Press Enter again if none of them occurs, or S if you cannot say.', true);
    }

    return;
  }

  work(() => store(tissues));
}

function back() {
  if (state.place > 0) {
    work(async () => {
      state.place--;
      await show(state.history[state.place]);
    });
  }
}

function undo() {
  work(async () => {
    const { patch, state: after } = await request('/api/undo', { person: state.person });
    state.done = after.done;
    state.queue = after.next;
    if (!patch) {
      hint('There is nothing to undo.');
      return;
    }

    state.history = state.history.filter(earlier => earlier.index !== patch.index);
    if (patch.answer) {
      state.history.push(patch);
      state.place = state.history.length - 1;
    } else {
      state.queue = [patch, ...state.queue.filter(later => later.index !== patch.index)];
      state.place = state.history.length;
    }

    await show(patch);
    hint('The last answer is taken back. Answer this patch again.', true);
  });
}

function enlarge(button) {
  if (!button.hidden) {
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
  }
}

function chips(tissues) {
  return tissues.length === 0 ? ['none of these tissues'] : tissues.map(tissue => {
    const swatch = create('span', { className: 'swatch' });
    swatch.style.background = state.folder.tissues[tissue].color;
    return create('span', { className: 'chip' }, swatch, state.folder.tissues[tissue].name);
  });
}

async function showComparison() {
  const comparison = await request('/api/comparison');
  const cell = (text, isNumber) => create('td', { textContent: text, className: isNumber ? 'number' : '' });
  const rows = comparison.agreement.map(pair => create('tr', {},
    cell(`${pair.first} and ${pair.second}`),
    cell(pair.tissue),
    cell(String(pair.patches), true),
    cell(`${Math.round(100 * pair.equal / pair.patches)} %`, true),
    cell(pair.kappa === null ? 'not defined: all the same' : pair.kappa.toFixed(2), true)));
  $('agreement').replaceChildren(rows.length === 0
    ? create('p', { textContent: 'Nobody shares patches with anybody yet. The order is the same for all, so two people who start today soon will.' })
    : create('table', {}, create('tr', {}, ...['People', 'Tissue', 'Patches', 'The same', 'Cohen’s κ'].map((text, column) => create('th', { textContent: text, className: column > 1 ? 'number' : '' }))), ...rows));
  $('disputed').textContent = `Disagreements: ${comparison.disagreementCount}`;
  $('disagreements').replaceChildren(...comparison.disagreements.map(disputed => {
    const again = create('button', { type: 'button', textContent: 'Label it' });
    again.addEventListener('click', () => work(async () => labelAgain(await request(`/api/patch/${disputed.index}?person=${encodeURIComponent(state.person)}`))));
    return create('div', { className: 'disagreement' },
      create('img', { src: pathOf('patch', disputed.index), alt: '', loading: 'lazy' }),
      create('div', {}, create('div', { textContent: disputed.name }), ...disputed.answers.map(given => create('p', { className: 'said' }, `${given.person}: `, ...chips(given.tissues)))),
      again);
  }));
  showMain('comparison');
}

async function labelAgain(patch) {
  const place = state.history.findIndex(earlier => earlier.index === patch.index);
  if (place >= 0) {
    state.place = place;
  } else if (patch.answer) {
    state.history.unshift(patch);
    state.place = 0;
  } else {
    state.queue = [patch, ...state.queue.filter(later => later.index !== patch.index)];
    state.place = state.history.length;
  }

  await show(patch);
}

function compare() {
  work(async () => {
    if ($('comparison').hidden) {
      await storeMask();
      await showComparison();
    } else {
      await show(state.history[state.place] ?? state.queue[0] ?? null);
    }
  });
}

async function startAs(name) {
  await storeMask();
  const query = `person=${encodeURIComponent(name)}`;
  const next = await request(`/api/next?${query}&count=24`);
  const { patches } = await request(`/api/history?${query}&count=200`);
  Object.assign(state, { person: next.person, done: next.done, total: next.total, queue: next.next, history: lastOfEach(patches), seconds: [] });
  state.place = state.history.length;
  $('person').textContent = state.person;
  sessionStorage.setItem('person', state.person);
  $('who').close();
  await show(state.queue[0] ?? null);
}

function lastOfEach(patches) {
  return patches.filter((patch, place) => patches.findLastIndex(other => other.index === patch.index) === place);
}

async function start() {
  await readFolder();
  const name = sessionStorage.getItem('person');
  if (name) {
    await startAs(name);
  } else {
    await askWho();
  }
}

async function askWho() {
  await readFolder();
  $('who').showModal();
  $('whoName').focus();
}

async function readFolder() {
  state.folder = await request('/api/folder');
  $('folder').textContent = state.folder.folder;
  document.title = `${state.folder.folder} – mlps label`;
  $('guess').hidden = !state.folder.hasModel;
  $('tissues').replaceChildren(...state.folder.tissues.map((tissue, index) => {
    const button = create('button', { type: 'button', className: 'tissue' },
      create('span', { className: 'swatch' }),
      index < 9 ? create('kbd', { textContent: String(index + 1) }) : create('span'),
      create('span', { textContent: tissue.name }),
      create('span', {}, create('span', { className: 'probability' }), ' ', create('span', { className: 'mark' })));
    button.style.setProperty('--tissue', tissue.color);
    button.addEventListener('click', () => toggle(index));
    return button;
  }));
  $('whoKnown').replaceChildren(...state.folder.people.map(person => {
    const button = create('button', { type: 'button', textContent: `${person.name} (${person.count})` });
    button.addEventListener('click', () => work(() => startAs(person.name)));
    return button;
  }));
  showTissues();
}

document.addEventListener('keydown', event => {
  if (document.querySelector('dialog[open]')) {
    return;
  }

  const isElsewhere = document.activeElement?.closest('header, #comparison, #strip');
  if (isDrawing() && event.key !== '?') {
    if (!(isElsewhere && (event.key === 'Enter' || event.key === ' ')) && drawByKey(event)) {
      event.preventDefault();
    }

    return;
  }

  if (event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }

  if (event.key === '?') {
    $('keys').showModal();
  } else if (event.key === 'Escape' && $('around').getAttribute('aria-pressed') === 'true') {
    enlarge($('around'));
  } else if (event.key === 'Escape' && !$('comparison').hidden) {
    compare();
  } else if (!$('comparison').hidden || (isElsewhere && (event.key === 'Enter' || event.key === ' '))) {
    return;
  } else if (/^[1-9]$/.test(event.key)) {
    if (!event.repeat) {
      toggle(Number(event.key) - 1);
    }
  } else if (event.repeat && event.key !== 'Backspace') {
    event.preventDefault();
  } else if (event.key === 'Enter') {
    event.preventDefault();
    next();
  } else if (event.key === 'Backspace') {
    event.preventDefault();
    back();
  } else if (event.key.toLowerCase() === 'u') {
    undo();
  } else if (event.key.toLowerCase() === 's') {
    work(() => store(null));
  } else if (event.key.toLowerCase() === 'a') {
    enlarge($('around'));
  } else if (event.key.toLowerCase() === 'g') {
    work(showGuess);
  } else if (event.key.toLowerCase() === 'm') {
    work(openDrawing);
  }
});

$('next').addEventListener('click', next);
$('cannot').addEventListener('click', () => work(() => store(null)));
$('back').addEventListener('click', back);
$('undo').addEventListener('click', undo);
$('guess').addEventListener('click', () => work(showGuess));
$('around').addEventListener('click', () => enlarge($('around')));
$('compare').addEventListener('click', compare);
prepareDrawing();
$('person').addEventListener('click', () => work(askWho));
$('help').addEventListener('click', () => $('keys').showModal());
$('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const isDark = (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  root.dataset.theme = isDark ? 'light' : 'dark';
});
$('whoForm').addEventListener('submit', event => {
  event.preventDefault();
  work(() => startAs($('whoName').value));
});
$('who').addEventListener('cancel', event => {
  if (!state.person) {
    event.preventDefault();
  }
});

work(start);
