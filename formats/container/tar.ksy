meta:
  id: tar
  title: tar archive (POSIX, GNU), and so OVA
  file-extension: ova
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: container
    understood: layout
    probe:
      - {at: 257, magic: "ustar"}
    offset: 0
    size: 512
doc: |
  Files one behind the other, each with a header of 512 bytes, its content and
  padding to a multiple of 512. Two blocks of zeros end the archive. Numbers
  are octal text; GNU's tar writes those that do not fit as binary, big-endian,
  with the first bit set.

  ### Making a test image

      tar --format=ustar -cf appliance.ova appliance.ovf disk1.vmdk
doc-ref:
  - https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
  - https://www.gnu.org/software/tar/manual/html_node/Standard.html
  - https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
  - 'DMTF DSP0243, Open Virtualization Format, section 5'
seq:
  - id: name
    size: 100
    type: strz
  - id: mode
    size: 8
  - id: owner
    -orig-id: uid
    size: 8
  - id: group
    -orig-id: gid
    size: 8
  - id: len_content
    -orig-id: size
    size: 12
    doc: Octal text, or binary.
  - id: modified
    -orig-id: mtime
    size: 12
  - id: checksum
    -orig-id: chksum
    size: 8
    doc: The sum of the header's bytes, with blanks in place of this field.
  - id: kind
    -orig-id: typeflag
    type: u1
  - id: link_name
    -orig-id: linkname
    size: 100
  - id: magic
    contents: "ustar"
  - id: version
    size: 3
    doc: A zero and "00", or in GNU's archives a blank, another, and a zero.
  - id: owner_name
    -orig-id: uname
    size: 32
  - id: group_name
    -orig-id: gname
    size: 32
  - id: device_major
    -orig-id: devmajor
    size: 8
  - id: device_minor
    -orig-id: devminor
    size: 8
  - id: prefix
    size: 155
    type: strz
    doc: What stands before the name; in GNU's archives other things are here.
types:
  old_sparse:
    -export: structure
    doc: |
      What GNU's header (type S) has from byte 386 on, in the place of the
      prefix: the parts of the file that are stored, one behind the other.
    seq:
      - id: parts
        -orig-id: sp
        type: sparse_part
        repeat: expr
        repeat-expr: 4
      - id: is_extended
        -orig-id: isextended
        type: u1
        doc: Whether a block with more of them follows.
      - id: len_file
        -orig-id: realsize
        size: 12
        doc: The size of the file with its holes.
  sparse_block:
    -export: structure
    doc: More parts, a block of 512 bytes behind the header or another such block.
    seq:
      - id: parts
        -orig-id: sp
        type: sparse_part
        repeat: expr
        repeat-expr: 21
      - id: is_extended
        -orig-id: isextended
        type: u1
  sparse_part:
    seq:
      - id: offset
        size: 12
        doc: In the file. Octal text, or binary.
      - id: len_part
        -orig-id: numbytes
        size: 12
  text:
    -export: structure
    doc: |
      The content of members whose type is L (a name), or x and g (records);
      the map of a sparse file; a manifest.
    seq:
      - id: value
        size-eos: true
        type: str
