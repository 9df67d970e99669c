// The file as it would be after the writes of its log have reached their places. The file itself is only read.
import { writtenChanges } from '../../bytes/changes.js';
import { overlay } from '../../bytes/overlay.js';
import type { HostFile, Scope } from '../../host/scope.js';
import type { LogReplay } from './log.js';

/** The file, with all that it does not hold charged to the scope. */
export function replayedFile(file: HostFile, replay: LogReplay, scope: Scope): HostFile {
  const { writes, fileBytes } = replay;
  const ends = writes.map(({ offsetBytes, lengthBytes }) => offsetBytes + lengthBytes);
  const sizeBytes = ends.reduce((largest, end) => Math.max(largest, end), fileBytes);
  const { path, allocationBytes, physicalBytes, isDevice = false } = file;
  const { spend } = scope;
  const { read, runs } = overlay(file, writtenChanges(writes), { sizeBytes, spend });
  return { path, allocationBytes, physicalBytes, isDevice, sizeBytes, read, runs };
}
