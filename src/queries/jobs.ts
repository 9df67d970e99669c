// The question of `virt-df jobs`: which jobs the domains of libvirt have, how far they are, and which guest they will stop.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html; docs/jobs.md
import { VirtDfError } from '../errors.js';
import type { GuestDefinition } from '../guests/guest.js';
import { allJobs } from '../guests/libvirt/all-jobs.js';
import { otherHost } from '../guests/libvirt/disk-place.js';
import type { DomainJobs } from '../guests/libvirt/domain-jobs.js';
import type { Calls } from '../guests/libvirt/helper.js';
import type { JobConnections } from '../guests/libvirt/kept-connections.js';
import { isNamed } from '../guests/libvirt/select.js';
import { pausedReason, stateName } from '../guests/libvirt/states.js';
import { hasVanished, type LibvirtQuery, listLibvirtGuests } from '../guests/libvirt.js';
import { withoutSecrets } from '../host/location.js';
import { printable } from '../validation/guest.js';
import { guestKey } from './between-polls.js';
import { withRoom } from './jobs/file.js';
import { judged } from './jobs/judge.js';
import type { JobsAnswer, JobsReport } from './jobs/record.js';
import { withSpeeds } from './jobs/speed.js';
import { jobRecords } from './jobs/translate.js';
import { problemOf } from './problem.js';

interface JobsQuery extends LibvirtQuery {
  /** Called with what was asked of a libvirt about jobs. */
  readonly onJobCalls?: (uri: string, calls: Calls) => void;
}

/** A guest that hung is left alone so long: each question that hangs takes a thread of libvirtd, which has twenty. */
const REST_MS = 30_000;

/** virDomainDiskErrorCode */
const DISK_ERRORS = ['none', 'unspecified error', 'no space'];

/**
 * The jobs of the guests that are asked for; those that stop their guests first. `previous` is the answer before, of which speeds are
 * taken. The connections are the caller's to close.
 * @throws LibvirtError as listLibvirtGuests does
 */
export async function jobsOf(
  query: JobsQuery,
  previous: readonly JobsReport[] = [],
  connections: JobConnections,
): Promise<readonly JobsReport[]> {
  const uris = new Map<string, string>();
  const onAnswer = (uri: string) => {
    uris.set(withoutSecrets(uri), uri);
    query.onAnswer?.(uri);
  };
  const guests = await listLibvirtGuests(
    { ...query, withoutFolders: true, isReadOnly: true, onAnswer },
    connections.list,
  );
  const resting = restingIn(previous);
  const asked = guests.filter(
    (guest) => guest.uuid !== null && !resting.has(guestKey({ ...guest, guest: guest.name })),
  );
  const found = await Promise.all(
    [...uris].map(([shown, uri]) => {
      const own = asked.filter((guest) => guest.uri === shown);
      return askedOf(own, { shown, uri }, query, connections);
    }),
  );
  const answers = new Map(found.flat());
  const there = guests.filter((guest) => !isGone(guest, answers.get(guest), query));
  const reports = await Promise.all(
    there.map(
      (guest) =>
        resting.get(guestKey({ ...guest, guest: guest.name })) ??
        reportOf(guest, answers.get(guest), query.isSameHost ?? false),
    ),
  );
  return judged(withSpeeds(reports, previous));
}

type Answer = DomainJobs | VirtDfError;

/** What the guests of one libvirt answer. */
async function askedOf(
  guests: readonly GuestDefinition[],
  { shown, uri }: { readonly shown: string; readonly uri: string },
  query: JobsQuery,
  connections: JobConnections,
): Promise<readonly (readonly [GuestDefinition, Answer])[]> {
  const domains = guests.map(({ uuid, disks }) => ({
    uuid: uuid ?? '',
    disks: disks.flatMap(({ target }) => target ?? []),
  }));
  const onAsked = (calls: Calls) => query.onJobCalls?.(shown, calls);
  const { timeoutSeconds } = query;
  const found = await allJobs(domains, { uri, timeoutSeconds, onAsked }, connections);
  return guests.flatMap((guest, index) => {
    const answer = found[index];
    return answer === undefined ? [] : [[guest, answer] as const];
  });
}

/** Whether it ended since it was listed, and nobody named it. */
function isGone(guest: GuestDefinition, answer: Answer | undefined, query: JobsQuery): boolean {
  const { name, uuid } = guest;
  if (!(answer instanceof VirtDfError) || !hasVanished(answer)) return false;
  if (isNamed({ name: guest.givenName ?? name, uuid: uuid ?? '' }, query.select)) return false;
  query.onVanished?.(name);
  return true;
}

/** What is known of guests that hung a short time ago. */
function restingIn(previous: readonly JobsReport[]): ReadonlyMap<string, JobsReport> {
  const sinceMs = Date.now() - REST_MS;
  const hung = previous.filter(
    ({ problems, askedAtMs, uuid }) =>
      uuid !== null && askedAtMs > sinceMs && problems.some(({ code }) => code === 'TIMEOUT'),
  );
  return new Map(hung.map((report) => [guestKey(report), report]));
}

async function reportOf(
  guest: GuestDefinition,
  answer: DomainJobs | VirtDfError | undefined,
  isSameHost: boolean,
): Promise<JobsReport> {
  const name = printable(guest.name);
  const header = {
    guest: name,
    ...(name === guest.name && guest.givenName === undefined
      ? {}
      : { givenName: guest.givenName ?? guest.name }),
    uuid: guest.uuid,
    state: guest.state,
    uri: guest.uri,
  };
  const isHere = isSameHost || otherHost(guest.uri) === null;
  const unread = guest.problem === null ? [] : [problemRecord(name, guest.problem)];
  if (answer === undefined || answer instanceof VirtDfError) {
    const problems = answer === undefined ? unread : [problemRecord(name, answer)];
    return { ...header, ...NOTHING, problems, askedAtMs: Date.now() };
  }
  const { state } = answer;
  const { problems, ...found } = await answered(answer, isHere, name);
  return {
    ...header,
    state: stateName(state.state),
    ...found,
    problems: [...unread, ...problems],
  };
}

const NOTHING = { reason: null, stop: null, warnings: [], diskErrors: [], jobs: [] };

async function answered(answer: DomainJobs, isHere: boolean, guest: string): Promise<JobsAnswer> {
  const { state, diskErrors, untold, askedAtMs } = answer;
  const jobs = jobRecords(answer);
  return {
    ...NOTHING,
    reason: pausedReason(state),
    diskErrors: diskErrors.map(({ disk, error }) => ({
      disk: printable(disk),
      error: DISK_ERRORS[error] ?? 'unspecified error',
    })),
    jobs: isHere ? await withRoom(jobs) : jobs,
    problems: untold.map((error) => problemRecord(guest, error)),
    askedAtMs,
  };
}

function problemRecord(guest: string, error: VirtDfError) {
  return { guest, disk: null, device: null, ...problemOf(error) };
}
