// The sector in which formats count, whatever the sectors of the disk are that holds them.

export const SECTOR_BYTES = 512;
