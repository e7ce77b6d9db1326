// Building blocks of the page. Text becomes text nodes, never markup; whatever could turn or hide text is shown as what it is.

/** Control and format characters: bidi marks, zero-width ones, tags. Line ends, tabs and the joiner of emoji are not hidden. */
const HIDDEN = /(?![\n\t\u200d])[\p{Cc}\p{Cf}]/u;

const nameOf = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Text nodes, with a small label in the place of each control character. */
const textNodes = (text) =>
  String(text)
    .replaceAll('\r\n', '\n')
    .split(new RegExp(`(${HIDDEN.source})`, 'u'))
    .filter((part) => part !== '')
    .map((part) => {
      if (!HIDDEN.test(part)) return document.createTextNode(part);
      const label = document.createElement('span');
      label.className = 'control';
      label.title = 'A hidden control character';
      label.textContent = nameOf(part);
      return label;
    });

/** The same for attributes, where there can be no label. */
export const plain = (text) => String(text).replace(new RegExp(HIDDEN.source, 'gu'), (found) => `[${nameOf(found)}]`);

const toNodes = (child) => {
  if (child === null || child === undefined || child === false) return [];
  if (Array.isArray(child)) return child.flatMap(toNodes);
  return child instanceof Node ? [child] : textNodes(child);
};

/** An element with attributes (`on…` are listeners, `false` and null are left out) and children. */
export const h = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : plain(value));
  }
  element.append(...children.flatMap(toNodes));
  return element;
};

/** null unless it is a web address. */
export const webAddress = (text) => {
  try {
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
};

/** A link that says where it leads when its words pretend to lead elsewhere. Anything but a web address stays text. */
export const link = (address, children) => {
  const url = webAddress(address);
  if (url === null) return h('span', {}, children);
  const anchor = h(
    'a',
    { href: url.href, target: '_blank', rel: 'noopener noreferrer nofollow', title: url.href },
    children,
  );
  const words = anchor.textContent.trim().toLowerCase();
  const isAddress = /:\/\/|^[\w-]+(\.[\w-]+)+(\/|$)/.test(words);
  if (isAddress && !words.replace(/^https?:\/\//, '').startsWith(url.host))
    anchor.append(h('span', { class: 'host' }, ` (${url.host})`));
  return anchor;
};

export const dateOf = (ts) => new Date(Number(ts) * 1000);

const shortTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

/** Local time; UTC in the title. */
export const timeOf = (ts) => {
  const date = dateOf(ts);
  if (Number.isNaN(date.getTime())) return h('span', { class: 'time' }, 'unknown time');
  const utc = `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return h('time', { class: 'time', datetime: date.toISOString(), title: utc }, shortTime.format(date));
};

export const dayOf = (ts) => {
  const date = dateOf(ts);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? 'Today' : longDay.format(date);
};
