// ova.xml of an XVA: the objects of xapi's database that the export has, as XML-RPC. It says which virtual disks there are,
// how large they are, and as which device the machine has each.
// References: xapi ocaml/xapi/export.ml, importexport.ml; xapi datamodel: VDI.virtual_size, VBD.userdevice, VM.is_a_snapshot.
import { element, elements, parseDocument, type XmlElement } from '../../validation/xml.js';

/** A virtual disk that the export names. */
interface ExportedDisk {
  /** `Ref:4`. */
  readonly ref: string;
  /** null if it is not said. */
  readonly sizeBytes: number | null;
  /** Whether it is a disk of the machine, and not its saved memory or the like. */
  readonly isDisk: boolean;
}

/** Words of VDI.type. */
const NO_DISKS = [
  'suspend',
  'crashdump',
  'ha_statefile',
  'metadata',
  'redo_log',
  'rrd',
  'pvs_cache',
];

/**
 * The virtual disks in the machine's order, those of its snapshots behind them.
 * @throws FormatError INVALID, LIMIT.
 */
export function exportedDisks(text: string): readonly ExportedDisk[] {
  const objects = member(value(parseDocument(text)), 'objects');
  const all = values(objects).map((object) => ({
    kind: textOf(member(object, 'class')),
    id: textOf(member(object, 'id')),
    fields: member(object, 'snapshot'),
  }));
  const snapshots = new Set(
    all
      .filter(
        ({ kind, fields }) => kind === 'VM' && textOf(member(fields, 'is_a_snapshot')) === '1',
      )
      .map(({ id }) => id),
  );
  const places = new Map<string, number>();
  for (const { kind, fields } of all) {
    if (kind !== 'VBD') continue;
    const device = /^\d{1,6}$/u.exec(textOf(member(fields, 'userdevice')))?.[0] ?? '999999';
    const isSnapshot = snapshots.has(textOf(member(fields, 'VM')));
    const place = Number(device) + (isSnapshot ? 1e6 : 0);
    const vdi = textOf(member(fields, 'VDI'));
    places.set(vdi, Math.min(place, places.get(vdi) ?? place));
  }
  const placeOf = ({ ref }: ExportedDisk) => places.get(ref) ?? 2e6;
  return all
    .filter(({ kind }) => kind === 'VDI')
    .map(({ id, fields }) => ({
      ref: id,
      sizeBytes: sizeOf(member(fields, 'virtual_size')),
      isDisk: !NO_DISKS.includes(textOf(member(fields, 'type'))),
    }))
    .sort((a, b) => placeOf(a) - placeOf(b));
}

function sizeOf(found: XmlElement | null): number | null {
  const digits = textOf(found);
  return /^\d{1,15}$/u.test(digits) ? Number(digits) : null;
}

/** The element that a `value` has: its type, or itself if it is bare text. */
function value(found: XmlElement | null): XmlElement | null {
  const inner = found?.children.find((node): node is XmlElement => 'attributes' in node);
  return inner ?? found;
}

function member(struct: XmlElement | null, name: string): XmlElement | null {
  const found = elements(struct, 'member').find((one) => element(one, 'name')?.text === name);
  return value(element(found ?? null, 'value'));
}

function values(array: XmlElement | null): readonly (XmlElement | null)[] {
  return elements(element(array, 'data'), 'value').map(value);
}

function textOf(found: XmlElement | null): string {
  return found?.text.trim() ?? '';
}
