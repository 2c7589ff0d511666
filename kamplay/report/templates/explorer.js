'use strict';
// All accounts in one table: search, filters, sort, columns, download. The data stand in the page; text is only
// ever put in as text.
(async () => {
  const root = document.getElementById('explorer');
  const back = { opener: null, top: 0, moved: false };

  // --- an amount stays on one line with its sign and its unit, which Chinese would else break anywhere
  const amount = /([−+]?(?:[A-Z]{0,2}[£¥€$])?\d[\d,.]*(?:[万亿]?(?:元|英镑|美元|欧元|港元|日元)|%)?)/;
  const bears = (node) => !node.parentElement.closest('svg, script, style, td:not(.long)') && amount.test(node.data);
  for (const part of document.querySelectorAll('#summary, .chapter')) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) if (bears(walker.currentNode)) found.push(walker.currentNode);
    for (const node of found) {
      node.replaceWith(...node.data.split(amount).map((text, n) => (n % 2 ? Object.assign(document.createElement('span'), { className: 'amount', textContent: text }) : text)));
    }
  }

  // --- cards and owners' pages: leaving one leads back to where the reader was
  const hash = () => { try { return decodeURIComponent(location.hash.slice(1)); } catch { return location.hash.slice(1); } };
  const shown = () => hash() && document.getElementById(hash());
  const atTop = (page) => { page.focus({ preventScroll: true }); page.scrollIntoView({ block: 'start', behavior: 'instant' }); };
  // #owner=NAME, the name or the anchor of a page: written by hand or by another system
  const byName = () => {
    const name = hash().startsWith('owner=') && hash().slice(6).trim();
    const page = name && [...document.querySelectorAll('.owner-page')].find((one) => [one.dataset.owner, one.id, one.id.replace(/^owner-/, '')].includes(name));
    if (page) location.replace(`#${page.id}`);
    return Boolean(page);
  };
  let landing = byName();
  const leave = (event) => {
    if (!back.moved) return; // opened by its address: the link leads to the table
    event.preventDefault();
    history.back();
  };
  addEventListener('hashchange', () => {
    if (byName()) return; // comes again with the page's anchor
    back.moved = back.moved || !landing;
    landing = false;
    const page = shown();
    if (page && page.matches('.alone')) atTop(page);
    else if (back.opener && back.opener.isConnected) {
      scrollTo({ top: back.top, behavior: 'instant' });
      back.opener.focus({ preventScroll: true });
      back.opener = null;
    }
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.matches('.alone .back')) leave(event);
    else if (link && !link.closest('.alone')) Object.assign(back, { opener: link, top: scrollY });
    const print = event.target.closest('button[data-print]');
    if (print) window.print();
  });
  document.addEventListener('keydown', (event) => {
    const page = event.key === 'Escape' && shown();
    if (page && page.matches('.alone')) page.querySelector('.back').click();
  });
  for (const button of document.querySelectorAll('button[data-print]')) button.hidden = false;
  if (!root) return;

  // --- the data
  const source = root.querySelector('script[type="application/json"]');
  async function read() {
    if (!source.hasAttribute('data-gzip')) return JSON.parse(source.textContent);
    const bytes = Uint8Array.from(atob(source.textContent.trim()), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
  }
  let data;
  try { data = await read(); } catch (error) { return; } // an old browser: the largest accounts stay as they are
  const { rows: total, columns, words, lang, currency } = data;
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const phone = matchMedia('(max-width: 560px)');
  const plain = (text) => text.normalize('NFKC').toLowerCase();
  const collator = new Intl.Collator(lang === 'zh' ? 'zh-Hans' : 'en', { numeric: true });

  // the value of a cell, missing ones null: text of a text or a choice, number, ISO day
  const value = (column, row) => {
    const raw = column.values[row];
    if (column.kind !== 'choice') return raw;
    return raw < 0 ? null : column.words[raw];
  };
  const number = (figure, digits) => {
    const text = Math.abs(figure).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return (figure < 0 && /[1-9]/.test(text) ? '−' : '') + text;
  };
  const little = (figure, digits) => { // a little is not nothing
    const least = 10 ** -digits;
    return figure > 0 && figure < least / 2 ? `<${number(least, digits)}` : number(figure, digits);
  };
  const percent = (share) => { // as locale.percent in Python
    if (share > 0 && share < 0.0005) return '<0.1%';
    if (share >= 0.9995 && share < 1) return '>99.9%';
    const size = Math.abs(share);
    const whole = Math.abs(100 * size - Math.round(100 * size)) < 0.005;
    return number(share * 100, !whole && (size < 0.0995 || (size >= 0.995 && size < 1)) ? 1 : 0) + '%';
  };
  const day = (iso) => {
    const [year, month, date] = iso.split('-').map(Number);
    return lang === 'zh' ? `${year}年${month}月${date}日` : `${date} ${words.months[month - 1]} ${year}`;
  };
  const formats = {
    money: (figure) => little(figure / data.scale, data.digits),
    pct: percent,
    change: (share) => (share > 0 ? '+' : '') + percent(share),
    n1: (figure) => number(Math.floor(figure * 10 + 1e-9) / 10, 1),
    n: (figure) => number(figure, Number.isInteger(figure) ? 0 : 1),
    date: day,
  };
  function told(column, row) {
    const raw = value(column, row);
    const say = formats[column.kind];
    const [low, high] = (column.range || []).map((key) => byKey.get(key).values[row]);
    const range = low == null || high == null ? '' : `${say(low, column)}–${say(high, column)}`;
    if (raw === null) return range || '–';
    if (!say) return raw;
    return range ? `${say(raw, column)} (${range})` : say(raw, column);
  }

  // --- what is shown
  const state = { text: '', filters: {}, sort: data.sort, up: false, page: 0, rows: [] };
  const searched = columns.filter((column) => column.search);
  const hay = Array.from({ length: total }, (_, row) => plain(searched.map((column) => value(column, row) || '').join('\n')));
  const ranks = new Map();
  function rank(column) { // of every row the place of its value, missing ones NaN; made once a column
    if (!ranks.has(column.key)) {
      let of = (row) => column.values[row] ?? NaN;
      if (column.kind === 'choice') {
        const order = column.words.map((_, n) => n);
        if (!column.ordered) order.sort((a, b) => collator.compare(column.words[a], column.words[b]));
        const place = order.reduce((places, word, n) => { places[word] = n; return places; }, []);
        of = (row) => (column.values[row] < 0 ? NaN : place[column.values[row]]);
      } else if (column.kind === 'date') {
        of = (row) => (column.values[row] === null ? NaN : Date.parse(column.values[row]));
      } else if (column.kind === 'text') {
        const order = Array.from({ length: total }, (_, row) => row);
        const text = column.values.map((one) => one ?? '');
        // in the order of the letters first: the language's order, which is slow to compare by, then has less to move
        order.sort((a, b) => (text[a] < text[b] ? -1 : text[a] > text[b] ? 1 : 0));
        order.sort((a, b) => collator.compare(text[a], text[b]));
        const place = new Float64Array(total);
        order.forEach((row, n) => { place[row] = column.values[row] === null ? NaN : n; });
        of = (row) => place[row];
      }
      ranks.set(column.key, Float64Array.from({ length: total }, (_, row) => of(row)));
    }
    return ranks.get(column.key);
  }
  const ANY = '*', NONE = '-';
  function keeps(column, wanted) {
    const { values } = column;
    if (wanted === ANY) return (row) => values[row] >= 0;
    const code = wanted === NONE ? -1 : Number(wanted);
    return (row) => values[row] === code;
  }
  function choose() {
    const terms = plain(state.text).split(/\s+/).filter(Boolean);
    const tests = Object.entries(state.filters).filter(([, wanted]) => wanted !== '')
      .map(([key, wanted]) => keeps(byKey.get(key), wanted));
    const rows = [];
    for (let row = 0; row < total; row += 1) {
      if (tests.every((test) => test(row)) && terms.every((term) => hay[row].includes(term))) rows.push(row);
    }
    const place = rank(byKey.get(state.sort)), sign = state.up ? 1 : -1;
    rows.sort((a, b) => { // missing ones last, whichever way; of equals the larger first
      const first = place[a], second = place[b];
      if (first === second) return a - b;
      if (first !== first) return second !== second ? a - b : 1;
      return second !== second ? -1 : sign * (first - second);
    });
    state.rows = rows;
    state.page = 0;
    draw();
  }

  // --- the page
  const make = (tag, properties = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };
  const head = root.querySelector('thead'), body = root.querySelector('tbody');
  const count = root.querySelector('.count'), where = root.querySelector('.where');
  const [earlier, later] = root.querySelectorAll('.pager button');
  const visible = () => columns.filter((column) => column.shown);
  const numeric = (column) => column.kind in formats && column.kind !== 'date';

  const spoken = (column, element, text) => { // a name that stays Chinese is told as such
    if (column.foreign && lang !== 'zh' && /[\u3400-\u9fff]/.test(text)) element.lang = 'zh-Hans';
    return element;
  };
  function cell(column, row) {
    const text = told(column, row);
    const element = make('td', { className: [numeric(column) ? 'num' : '', column.css || ''].join(' ').trim() });
    element.dataset.label = column.label;
    if (column.dots && column.values[row] >= 0) {
      element.append(make('span', { className: `dot ${column.dots[column.values[row]]}` }));
    }
    const at = column.anchors && (column.kind === 'choice' ? column.anchors[column.values[row]] : column.anchors[row]);
    const to = at ? `#${at}` : column.links && column.links[row]; // a place in this page, or a file beside it
    const holder = to ? make('a', { href: to }, text) : make('bdi', {}, text);
    element.append(spoken(column, holder, text));
    return element;
  }
  function drawHead() {
    const cells = visible().map((column) => {
      const button = make('button', { type: 'button' }, column.label);
      button.addEventListener('click', () => sortBy(column));
      const header = make('th', { scope: 'col', className: numeric(column) ? 'num' : '' }, button);
      header.dataset.key = column.key;
      return header;
    });
    head.replaceChildren(make('tr', {}, ...cells));
    markSort();
  }
  function markSort() {
    for (const header of head.querySelectorAll('th')) {
      if (header.dataset.key === state.sort) header.setAttribute('aria-sort', state.up ? 'ascending' : 'descending');
      else header.removeAttribute('aria-sort');
    }
  }
  function sortBy(column) {
    const again = state.sort === column.key;
    state.up = again ? !state.up : !numeric(column);
    state.sort = column.key;
    markSort();
    choose();
  }
  function fill(text, values) { return text.replace(/\{(\w+)\}/g, (_, name) => values[name]); }
  function draw() {
    const size = phone.matches ? 10 : 50, { rows } = state;
    const first = state.page * size, last = Math.min(first + size, rows.length);
    const lines = rows.slice(first, last).map((row) => make('tr', {}, ...visible().map((column) => cell(column, row))));
    body.replaceChildren(...lines);
    const revenue = byKey.get('revenue');
    const sum = revenue ? rows.reduce((whole, row) => whole + (revenue.values[row] || 0), 0) : 0;
    const facts = { shown: number(rows.length, 0), total: number(total, 0), sum: formats.money(sum), unit: data.unit };
    count.textContent = rows.length ? fill(words.count, facts) : words.none;
    const places = { first: number(first + 1, 0), last: number(last, 0), of: number(rows.length, 0) };
    where.textContent = rows.length ? fill(words.where, places) : '';
    earlier.disabled = first === 0;
    later.disabled = last >= rows.length;
  }
  function turn(by) {
    state.page += by;
    draw();
    (by > 0 && later.disabled ? earlier : by < 0 && earlier.disabled ? later : by > 0 ? later : earlier).focus();
  }

  // --- download: what is shown, all of its rows, so that Excel reads it and takes no text for a formula
  function field(column, row) {
    const raw = value(column, row);
    if (raw === null || raw === undefined) return '';
    const text = typeof raw === 'string' && /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : String(raw);
    return /[",\n\r;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  function download() {
    const taken = visible().flatMap((column) => [column, ...(column.range || []).map((key) => byKey.get(key))]);
    const named = (column) => column.label + (column.kind === 'money' ? ` (${currency})` : '');
    const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
    const lines = [taken.map((column) => quoted(named(column))).join(',')];
    for (const row of state.rows) lines.push(taken.map((column) => field(column, row)).join(','));
    const url = URL.createObjectURL(new Blob([`\ufeff${lines.join('\r\n')}\r\n`], { type: 'text/csv' }));
    make('a', { href: url, download: data.file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  // --- the controls
  function choices(column) {
    const options = [make('option', { value: '' }, words.all)];
    if (column.any) options.push(make('option', { value: ANY }, column.any));
    const order = column.words.map((_, n) => n);
    if (!column.ordered) order.sort((a, b) => collator.compare(column.words[a], column.words[b]));
    options.push(...order.map((n) => spoken(column, make('option', { value: String(n) }, column.words[n]), column.words[n])));
    if (column.values.includes(-1)) options.push(make('option', { value: NONE }, words.without));
    return options;
  }
  const controls = root.querySelector('.controls'), boxes = root.querySelector('.columns fieldset');
  const search = controls.querySelector('input[type="search"]');
  search.addEventListener('input', () => { state.text = search.value; choose(); });
  for (const column of columns.filter((one) => one.filter)) {
    const select = make('select', { id: `by-${column.key}` }, ...choices(column));
    select.addEventListener('change', () => { state.filters[column.key] = select.value; choose(); });
    controls.querySelector('.filters').append(make('label', { htmlFor: select.id }, make('span', {}, column.label), select));
  }
  for (const column of columns.filter((one) => !one.hidden)) {
    const box = make('input', { type: 'checkbox', checked: column.shown, disabled: column.key === 'name' });
    box.addEventListener('change', () => { column.shown = box.checked; drawHead(); draw(); });
    boxes.append(make('label', {}, box, ` ${column.label}`));
  }
  root.querySelector('.reset').addEventListener('click', () => {
    for (const select of controls.querySelectorAll('select')) select.value = '';
    Object.assign(state, { text: '', filters: {}, sort: data.sort, up: false });
    search.value = '';
    markSort();
    choose();
  });
  root.querySelector('.download').addEventListener('click', download);
  earlier.addEventListener('click', () => turn(-1));
  later.addEventListener('click', () => turn(1));
  phone.addEventListener('change', () => { state.page = 0; draw(); });
  drawHead();
  choose();
  const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 200));
  for (const column of visible()) whenIdle(() => rank(column)); // before the reader asks for it
  root.querySelector('.without-script').remove();
  for (const part of root.querySelectorAll('[hidden]')) part.hidden = false;
  if (shown()) shown().scrollIntoView({ block: 'start', behavior: 'instant' }); // what stands above it has another height now
})();
