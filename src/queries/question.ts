// A question as plain data, which another process can be sent: a query is made of it there, by readers/query-of.ts.
import type { View } from '../filesystem/filesystem.js';
import type { DiffOptions } from './diff/options.js';
import type { DuOptions } from './du/options.js';
import type { RowFilter } from './filter.js';
import type { MapOptions } from './map/options.js';

export type Question =
  | {
      readonly kind: 'df';
      readonly view: View;
      readonly filter: RowFilter;
      readonly hasReclaimable: boolean;
    }
  | { readonly kind: 'tree'; readonly view: View; readonly hasExclusive: boolean }
  | { readonly kind: 'du'; readonly options: DuOptions }
  | { readonly kind: 'reclaim'; readonly view: View }
  | { readonly kind: 'pools'; readonly view: View; readonly hasReclaimable: boolean }
  | { readonly kind: 'map'; readonly options: MapOptions }
  | { readonly kind: 'diff'; readonly options: DiffOptions }
  /** Which disks there are; nothing is read. */
  | { readonly kind: 'disks' }
  | { readonly kind: 'chain' };
