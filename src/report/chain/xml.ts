// XML of `virt-df chain`: disks as a running domain's XML has them, each layer's base within it, with the numbers as the
// XML of a storage volume spells them.
// References: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms (backingStore, dataStore),
// https://libvirt.org/formatstorage.html#storage-volume-xml (capacity, allocation, physical).
import type { ChainDisk, ChainReport, LayerFile, LayerRecord } from '../../queries/chain/record.js';
import { type Attributes, bytes, element, type Lines, text } from './elements.js';
import { besideElements, indexOf, liveElements } from './live-xml.js';

/** The document of `chain --xml`, indented, with its line end. */
export function chainXml(reports: readonly ChainReport[]): string {
  const domains = reports.map(({ guest, uuid, disks }) =>
    element('domain', {}, [
      text('name', guest),
      ...(uuid === null ? [] : [text('uuid', uuid)]),
      element('devices', {}, disks.map(diskElement)),
    ]),
  );
  return `${element('domains', {}, domains).join('\n')}\n`;
}

function diskElement(disk: ChainDisk): Lines {
  const { target, chain } = disk;
  const driver = chain.format === null ? {} : { type: chain.format };
  return element('disk', { ...typeOf(chain), device: 'disk' }, [
    element('driver', driver, []),
    ...layerElements(chain, indexOf(chain)),
    ...besideElements(disk),
    ...(target === null ? [] : [element('target', { dev: target }, [])]),
  ]);
}

/** An empty <backingStore/> ends a chain. */
function backingElement(layer: LayerRecord | null): Lines {
  if (layer === null) return element('backingStore', {}, []);
  return element('backingStore', { ...typeOf(layer), ...indexOf(layer) }, [
    ...(layer.format === null ? [] : [element('format', { type: layer.format }, [])]),
    ...layerElements(layer, {}),
  ]);
}

/** @param index where libvirt has it: of the active layer its source. */
function layerElements(layer: LayerRecord, index: Attributes): Lines[] {
  const { path, capacityBytes, allocationBytes, physicalBytes, problem, files } = layer;
  const stores = files.filter(({ role }) => role === 'data').map(dataStore);
  return [
    ...(path === null ? [] : [source(storeOf(layer, path), stores, index)]),
    ...bytes('capacity', capacityBytes),
    ...bytes('allocation', allocationBytes),
    ...bytes('physical', physicalBytes),
    ...liveElements(layer),
    ...(problem === null ? [] : [text('problem', problem.message, { code: problem.code })]),
    backingElement(layer.backing),
  ];
}

/** An external data file is a part of its image's source. */
function dataStore({ path, isDevice = false }: LayerFile): Lines {
  const store: Store = { type: isDevice ? 'block' : 'file', path };
  return element('dataStore', { type: store.type }, [
    element('format', { type: 'raw' }, []),
    source(store, [], {}),
  ]);
}

/** Where the bytes of a layer are, in libvirt's words. */
interface Store {
  readonly type: 'file' | 'block' | 'network';
  readonly path: string;
}

const URL_START = /^[a-z][a-z+]*:\/\//u;

function storeOf({ files: [image] }: LayerRecord, path: string): Store {
  if (URL_START.test(path)) return { type: 'network', path };
  const isDevice = image?.isDevice === true;
  return { type: isDevice ? 'block' : 'file', path };
}

function typeOf(layer: LayerRecord): Attributes {
  return layer.path === null ? {} : { type: storeOf(layer, layer.path).type };
}

function source({ type, path }: Store, children: readonly Lines[], index: Attributes): Lines {
  if (type !== 'network') {
    return element('source', { [type === 'file' ? 'file' : 'dev']: path, ...index }, children);
  }
  const scheme = path.slice(0, path.search(/[+:]/u));
  const protocol = scheme === 'nbds' ? 'nbd' : scheme;
  const tls = scheme === 'nbds' ? { tls: 'yes' } : {};
  if (!URL.canParse(path)) {
    const name = path.slice(path.indexOf('://') + 3);
    return element('source', { protocol, name, ...index }, children);
  }
  const url = new URL(path);
  const socket = url.searchParams.get('socket');
  // libvirt writes the path of a file on a host of SSH with its slash, and the others without.
  const name = decoded(protocol === 'ssh' ? url.pathname : url.pathname.replace(/^\//u, ''));
  const query = socket === null && url.search !== '' ? { query: url.search.slice(1) } : {};
  // Ceph's own configuration may name the host.
  const isNamed = socket !== null || url.hostname !== '';
  return element(
    'source',
    { protocol, ...(name === '' ? {} : { name }), ...tls, ...query, ...index },
    [...(isNamed ? [element('host', hostOf(url, socket), [])] : []), ...children],
  );
}

function hostOf({ hostname, port }: URL, socket: string | null): Attributes {
  if (socket !== null) return { transport: 'unix', socket };
  return { name: hostname.replace(/^\[(.*)\]$/u, '$1'), ...(port === '' ? {} : { port }) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
