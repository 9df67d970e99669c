// Every named limit on work, memory and counts. A limit is generous for real guests and final for hostile ones.

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** Bytes that one guest's scan may read from the host. */
export const MAX_GUEST_READ_BYTES = 4 * GIB;
/** Read calls that one guest's scan may make. */
export const MAX_GUEST_READS = 1_000_000;
/** Bytes that one read call may ask for: what it gives lies in memory at once. */
export const MAX_READ_BYTES = 64 * MIB;
/** Memory for one guest's caches: pages of its files, decompressed clusters. */
export const GUEST_CACHE_BYTES = 16 * MIB;
/** Memory for decompressed blocks that are larger than these caches: of all files of the guest, two of the largest. */
export const GUEST_LARGE_BLOCK_BYTES = 128 * MIB;
/** Memory for the marks of one compressed stream, from which it can be read again: 32 KiB each at most. */
export const MAX_MARK_BYTES = 24 * MIB;
/** How much of a stream is decompressed to find its end, and the size of its file; of a longer one only what is asked for. */
export const MAX_FIRST_PASS_BYTES = GIB;
export const MAX_FIRST_PASS_FILE_BYTES = 512 * MIB;
/** What lies so far behind what was decompressed is read only where it is needed, and not to look for signatures. */
export const STREAM_FAR_BYTES = 256 * MIB;
/** Bytes of a stream that are decompressed and passed over count as one that is looked at: 1 TiB for one guest. */
export const PASSED_BYTES_FOR_ONE = 256;
/** Pieces of a volume whose places on the host are kept at once: 64 GiB in clusters of 64 KiB, none beside the next. */
export const MAX_INDEXED_RUNS = 2 ** 20;
/** Objects that one parse of a generated parser may make, and bytes it may inflate. */
export const MAX_PARSE_ITEMS = 1_000_000;
export const MAX_PARSE_INFLATED_BYTES = 64 * MIB;
export const MAX_PARSE_DEPTH = 64;
/** Bytes of one text in a file: LVM2's metadata are the longest, which take a KiB for two or three volumes. */
export const MAX_PARSE_TEXT_BYTES = 16 * MIB;
/** Bytes of one text that a user's format reads, and characters of one that any parser puts together: labels are shorter. */
export const MAX_FORMAT_TEXT_BYTES = 64 * KIB;
export const MAX_PARSE_TEXT_LENGTH = 4096;
/** The text of a .ksy; ours have up to 12 KiB. Every start reads a user's, and the lint's time is the square of it. */
export const MAX_FORMAT_FILE_BYTES = 256 * KIB;
/** Keys, entries of lists and commas of a .ksy; ours have up to 1500. The YAML parser takes 20 ms for a thousand. */
export const MAX_FORMAT_ITEMS = 8192;
/** Layers of one disk's backing chain. */
export const MAX_CHAIN_DEPTH = 64;
/** Files that the images of one chain name, each as often as it is named: twice what one VMDK may have. */
export const MAX_NAMED_FILES = 16_384;
/** Files within files: a qcow2 in a .gz in a tar ... */
export const MAX_WRAPPER_DEPTH = 4;
/** Disks in an archive, with those of archives in it: far more than a machine has. */
export const MAX_ARCHIVE_DISKS = 1000;
/** Files in an image's directory, where one must be looked for by what it holds (VDI's parents). */
export const MAX_SIBLINGS = 10_000;
/** Bytes of one source, and of a guest's sources together, that are read to find out that they are empty; runs that are asked for. */
export const MAX_EMPTY_READ_BYTES = 8 * MIB;
export const MAX_GUEST_EMPTY_READ_BYTES = 64 * MIB;
export const MAX_EMPTY_RUNS = 2 ** 20;
/** Filesystems one behind the other in one volume: firmware has two. */
export const MAX_RESTS = 32;
/** Volumes within volumes: a PV in an LV in a partition ... */
export const MAX_STACK_DEPTH = 16;
/** Of a thin pool of which is asked what each volume holds alone: two bytes of memory for a block, 4 TiB of 64 KiB. */
export const MAX_THIN_SHARE_BLOCKS = 2 ** 26;
/** The nodes of its trees, each read twice at most: metadata of 2 GiB. */
export const MAX_THIN_SHARE_NODES = 2 ** 19;
/** Members of groups (physical volumes) that are joined with each other: far more than a guest has disks. */
export const MAX_GROUP_MEMBERS = 1000;
/** Rows that one guest may have: filesystems, volumes and problems. */
export const MAX_GUEST_ROWS = 20_000;
/** Nodes that the storage of one guest may have: no row takes more than five (a volume, its table, a partition ...). */
export const MAX_STACK_NODES = 5 * MAX_GUEST_ROWS;
/** Bytes of one bitmap or table that a declarative format may have counted: a bit for each KiB of 1 TiB. */
export const MAX_COUNTED_BYTES = 128 * MIB;
/** Records of which a declarative format may add up values. */
export const MAX_SUMMED_RECORDS = 2 ** 21;
/** Blocks of the journal of an ext filesystem: 16 GiB in blocks of 4 KiB, four times what mke2fs makes. */
export const MAX_JOURNAL_BLOCKS = 4 * 1024 * 1024;
/** Blocks that the log of an ext journal revokes, each as often as it does. */
export const MAX_JOURNAL_REVOKES = 2 * 1024 * 1024;
/** Blocks of the maps of an ext journal, or of all orphans of a filesystem, each of which is a read. */
export const MAX_MAP_BLOCKS = 32 * 1024;
/** Orphans of an ext filesystem: files that were deleted while they were open. */
export const MAX_ORPHANS = 64 * 1024;
/** Bytes of the fast commits of an ext journal: sixteen times what mke2fs leaves room for. */
export const MAX_FAST_COMMIT_BYTES = 16 * MIB;
/** Bytes of bitmaps, inodes, maps and directories that the fast commits of an ext journal change. */
export const MAX_FAST_COMMIT_CACHE_BYTES = 64 * MIB;
/** Steps (an entry, a word of a bitmap) that applying the fast commits of an ext journal may take. */
export const MAX_FAST_COMMIT_STEPS = 500_000_000;
/** Nodes that an f2fs has behind its checkpoint: 512 MiB of them, for what is fsynced within a minute. */
export const MAX_ROLLED_NODES = 128 * 1024;
/** Blocks of the NAT that are read to list the inodes of an f2fs, each with 455 nodes: 4 GiB of them. */
export const MAX_NAT_BLOCKS = 1024 * 1024;
/** Segments of 2 MiB of an f2fs in which a mount frees or takes blocks; and those of them in which it takes some. */
export const MAX_ROLLED_SEGMENTS = 128 * 1024;
export const MAX_ROLLED_DATA_SEGMENTS = 8 * 1024;
/** Nodes of an f2fs that a mount reads to free files, or has in memory because it changes them. */
export const MAX_FREED_NODES = 64 * 1024;
export const MAX_CHANGED_NODES = 24 * 1024;
/** Blocks of an f2fs that were fsynced after the checkpoint: 16 GiB. */
export const MAX_ROLLED_BLOCKS = 4 * 1024 * 1024;
/** Memory for what df keeps of the log of an XFS, and for all that such a log changes, which reading files needs. */
export const MAX_XFS_COUNTED_BYTES = 64 * MIB;
export const MAX_XFS_STATE_BYTES = 512 * MIB;
/**
 * How often one reading of a filesystem's files may come to as many blocks as there are. A sound filesystem has each
 * block in one file, and those of directories are come to again for their names.
 */
export const MAX_BLOCK_VISITS = 4;
/** Names of a path in a guest, and bytes: Linux takes paths of 4 KiB. du counts what lies deeper in its directories. */
export const MAX_PATH_DEPTH = 4096;
export const MAX_PATH_BYTES = 16 * KIB;
/** Bytes of the paths that are told of one file: 80,000 hard links with paths of 200. */
export const MAX_FILE_PATH_BYTES = 16 * MIB;
/** Pieces in which the files of a filesystem that is written once lie, to tell what none of them has: 16 bytes for each. */
export const MAX_GATHERED_RANGES = 2 ** 22;
/** Inodes of a SquashFS, whose places take 128 MiB; nor are there more fragments, in which their ends are, and sets of attributes. */
export const MAX_SQUASHFS_INODES = 2 ** 24;
/** Files of an EROFS or a UDF, whose numbers are remembered so that each is given once: about 100 MiB of them. */
export const MAX_FILES_BY_NAME = 2 ** 22;
/** Files that are looked up one by one as owners of blocks; of more, all files are gone through. */
export const MAX_OWNERS = 1024;
/** Subvolumes of a btrfs whose files are read: a host of snapshots has some thousands. */
export const MAX_FILE_TREES = 2 ** 16;
/** Extents and nodes of a btrfs that have several owners, each of which is remembered in 12 bytes. */
export const MAX_SHARED_EXTENTS = 2 ** 23;
/** Bytes of all paths that du lists of one filesystem: ten million of 200 bytes. */
export const MAX_DU_LISTED_BYTES = 2 * GIB;
/** setTimeout's longest delay; a longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** Memory of all processes of a run, if not told otherwise. */
export const DEFAULT_MEMORY_BYTES = 512 * MIB;
/** Of the memory of a run, for what is kept of files: the rest is for reading. */
export const FILES_MEMORY_SHARE = 0.5;

/** Files below a folder that is searched for images. */
export const MAX_FOLDER_FILES = 100_000;
