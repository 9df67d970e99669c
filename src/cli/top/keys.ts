// What keys do on the screen of `virt-df top`. Those of virt-top mean the same here, but for 1 2 3, o and B, which this screen has otherwise.
// Reference: virt-top(1), KEYS
import type { Order } from '../../report/top/order.js';
import { SHOWS, type Show } from '../../report/top/text.js';

/** What the person who looks has chosen. */
export interface View {
  readonly order: Order;
  readonly isReversed: boolean;
  readonly show: Show;
  /** Names with this in them; empty: all. */
  readonly filter: string;
  /** A filter that is being typed; null: none is. */
  readonly typed: string | null;
  /** Seconds between two tables that are being typed; null: none are. */
  readonly typedDelay: string | null;
  readonly isHelp: boolean;
  /** So many rows above the screen. */
  readonly skipped: number;
}

/** The view after a key; `now` asks at once, `end` ends. */
interface Pressed {
  readonly view: View;
  readonly act?: 'now' | 'end' | 'interrupt' | 'suspend';
  /** Seconds between two tables from now on. */
  readonly delay?: string;
}

const ORDER_KEYS: Readonly<Record<string, Order>> = {
  c: 'cpu',
  m: 'memory',
  i: 'read',
  o: 'write',
  r: 'received',
  t: 'sent',
  f: 'full',
  n: 'name',
  P: 'cpu',
  M: 'memory',
  T: 'time',
  N: 'name',
};

const UP = new Set(['\u001b[A', '\u001bOA', 'k']);
const DOWN = new Set(['\u001b[B', '\u001bOB', 'j']);
const PAGE_UP = '\u001b[5~';
const PAGE_DOWN = '\u001b[6~';
const [CTRL_C, CTRL_L, CTRL_Z, ENTER, ESCAPE, TAB] = [
  '\u0003',
  '\u000c',
  '\u001a',
  '\r',
  '\u001b',
  '\t',
];
const ERASE = new Set(['\u007f', '\b']);
const MAX_FILTER_LENGTH = 80;
const MAX_DELAY_LENGTH = 8;

/** @param page so many rows fit. */
export function pressed(key: string, view: View, page: number): Pressed {
  if (key === CTRL_C) return { view, act: 'interrupt' };
  if (key === CTRL_Z) return { view, act: 'suspend' };
  if (view.typed !== null) return { view: typing(key, view, view.typed) };
  if (view.typedDelay !== null) return delaying(key, view, view.typedDelay);
  if (view.isHelp) return { view: { ...view, isHelp: false } };
  const order = ORDER_KEYS[key];
  if (order !== undefined) return { view: { ...view, order, isReversed: false, skipped: 0 } };
  const show = key === '0' ? SHOWS[0] : SHOWS[Number(key) - 1];
  if (show !== undefined) return { view: { ...view, show, skipped: 0 } };
  if (key === 'q') return { view, act: 'end' };
  if (key === ' ' || key === CTRL_L) return { view, act: 'now' };
  return { view: changed(key, view, page) };
}

function changed(key: string, view: View, page: number): View {
  const moved = (rows: number) => ({ ...view, skipped: Math.max(0, view.skipped + rows) });
  if (UP.has(key)) return moved(-1);
  if (DOWN.has(key)) return moved(1);
  if (key === PAGE_UP) return moved(-page);
  if (key === PAGE_DOWN) return moved(page);
  if (key === '?' || key === 'h') return { ...view, isHelp: true };
  if (key === 'd' || key === 's') return { ...view, typedDelay: '' };
  if (key === '/') return { ...view, typed: view.filter };
  if (key === ESCAPE) return { ...view, filter: '', skipped: 0 };
  if (key === 'R') return { ...view, isReversed: !view.isReversed };
  if (key === TAB) return { ...view, show: nextShow(view.show), skipped: 0 };
  return view;
}

/** Digits and a point; anything else is not heard. */
function delaying(key: string, view: View, typed: string): Pressed {
  const typedDelay = ERASE.has(key)
    ? typed.slice(0, -1)
    : typed + (/^[\d.]$/u.test(key) ? key : '');
  if (key === ESCAPE) return { view: { ...view, typedDelay: null } };
  if (key !== ENTER)
    return { view: { ...view, typedDelay: typedDelay.slice(0, MAX_DELAY_LENGTH) } };
  return { view: { ...view, typedDelay: null }, act: 'now', delay: typed };
}

function nextShow(show: Show): Show {
  return SHOWS[(SHOWS.indexOf(show) + 1) % SHOWS.length] ?? show;
}

function typing(key: string, view: View, typed: string): View {
  if (key === ENTER) return { ...view, filter: typed, typed: null, skipped: 0 };
  if (key === ESCAPE) return { ...view, typed: null };
  if (ERASE.has(key)) return { ...view, typed: [...typed].slice(0, -1).join('') };
  const isText = /^[^\p{C}]+$/u.test(key);
  return isText ? { ...view, typed: (typed + key).slice(0, MAX_FILTER_LENGTH) } : view;
}

export const HELP = `
  1 2 3 4, Tab   guests, disks and network cards, filesystems, jobs
  c m            sort by processors (CPU), memory
  i o            by bytes read from disks (in), written to them (out)
  r t            by bytes received, sent (transmitted)
  f n            by the fullest filesystem, by name
  P M T N        as in virt-top: processors, memory, time of processors, name
  R              the other way round
  /              only guests with a text in their names; Esc: all
  up down        one row; PgUp PgDn: one screen
  blank          asks at once
  d s            seconds between two tables
  ? h            this; any key leaves it
  q              ends
`;
