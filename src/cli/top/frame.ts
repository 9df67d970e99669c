// What stands on the screen of `virt-df top`.
import type { TopAnswer, TopGuest } from '../../queries/top/record.js';
import { formatCount } from '../../report/human.js';
import { clean } from '../../report/text.js';
import { ordered } from '../../report/top/order.js';
import { topText } from '../../report/top/text.js';
import { HELP, type View } from './keys.js';
import type { TopSettings } from './settings.js';

interface Drawn {
  readonly title: string;
  readonly text: string;
  /** So many rows above it: never all of them, so that the next key up shows another. */
  readonly skipped: number;
}

/** @param failure why the last question had no answer; null: it had. */
export function screenText(
  answer: TopAnswer,
  view: View,
  settings: TopSettings,
  { columns, failure }: { readonly columns: number; readonly failure: string | null },
): Drawn {
  if (view.isHelp) return { title: 'virt-df top: keys', text: HELP, skipped: view.skipped };
  const guests = ordered(answer.guests.filter(isShown(view.filter)), view.order);
  const shown = { ...answer, guests: view.isReversed ? [...guests].reverse() : guests };
  const options = { ...settings, order: null, show: view.show, width: columns };
  const [head = '', ...rows] = topText(shown, options).split(/(?<=\n)/u);
  const skipped = Math.min(view.skipped, Math.max(0, rows.length - 1));
  return {
    title: failure ?? typedOf(view) ?? titleOf(answer, view, settings),
    text: head + rows.slice(skipped).join(''),
    skipped,
  };
}

/** What is being typed; null: nothing is. */
function typedOf({ typed, typedDelay }: View): string | null {
  if (typedDelay !== null) return `seconds between two tables: ${typedDelay}_`;
  return typed === null ? null : `/${typed}_`;
}

function isShown(filter: string): (guest: TopGuest) => boolean {
  const sought = filter.toLowerCase();
  return ({ guest }) => guest.toLowerCase().includes(sought);
}

/** `12:30:01  3 guests, 2 run  by cpu  2 CPUs 5.1%  24G memory 3.2%  ? help` */
function titleOf({ guests, hosts }: TopAnswer, view: View, { style }: TopSettings): string {
  const running = guests.filter(({ state }) => state === 'running').length;
  const count = guests.length === 1 ? '1 guest' : `${guests.length} guests`;
  const sum = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? '-' : `${known.reduce((all, one) => all + one, 0).toFixed(1)}%`;
  };
  const [host] = hosts.length === 1 ? hosts : [];
  return [
    `${new Date().toTimeString().slice(0, 8)}  ${count}, ${running} running`,
    `by ${view.order}${view.isReversed ? ' reversed' : ''}`,
    ...(view.filter === '' ? [] : [`with '${clean(view.filter)}'`]),
    ...(host === undefined
      ? []
      : [
          `${host.cpuCount} CPUs ${sum(guests.map(({ cpuPercent }) => cpuPercent))}`,
          `${formatCount(host.memoryBytes, style)} memory ${sum(guests.map(({ memoryPercent }) => memoryPercent))}`,
        ]),
    '? help',
  ].join('  ');
}
