// What `virt-df diff` is asked for, as plain data.

import type { GuestDefinition } from '../../guests/guest.js';

/** The state that the guest is compared with. */
export type OldState =
  /** Images that are the disks of one guest, in their order. */
  | { readonly kind: 'images'; readonly paths: readonly string[]; readonly format: string }
  /** Another guest. */
  | { readonly kind: 'guest'; readonly guest: GuestDefinition }
  /** The images behind the guest's own. */
  | { readonly kind: 'backing' }
  /** An internal snapshot of its images. */
  | { readonly kind: 'snapshot'; readonly name: string };

export interface DiffOptions {
  readonly old: OldState;
  /** --expand: what lies below a renamed directory, or in a snapshot that only one state has, has rows too. */
  readonly isExpanded: boolean;
  /** --classic: what stat(2) shows of files too that were renamed and are the same otherwise. */
  readonly hasStates: boolean;
  /** With that, extended attributes of all files that differ; else of those alone of which only the attributes may tell. */
  readonly hasAttributes?: boolean;
  /** Access times are compared too. */
  readonly hasAccessTimes?: boolean;
  /** --content: bytes are compared where no metadata tell that they differ; null: where the format keeps none that would. */
  readonly hasContent: boolean | null;
  /** --why: what each byte that the overlay holds is. */
  readonly hasOverlay: boolean;
  /** Memory for what is known of files. */
  readonly memoryBytes: number;
}
