// Follows the redirections of a web server. None leads out of the web, or from https to http.
// References: RFC 9110 (15.4).
import { FormatError, SourceError } from '../errors.js';
import type { HttpAnswer } from './http-request.js';
import { withoutSecrets } from './location.js';

const MAX_REDIRECTS = 5;

/** Where a file is asked for. A server outside led to a guarded one, which must be outside as well. */
export interface Place {
  readonly url: URL;
  readonly isGuarded: boolean;
}

/**
 * Follows the redirections of a URL to their end. User and password go only to the server that the user named. From a server
 * outside none leads to one inside: it would have us ask what only this host can reach.
 */
export async function followed(
  userUrl: URL,
  get: (place: Place) => Promise<HttpAnswer>,
  isOutside: (address: string) => boolean,
): Promise<{ readonly place: Place; readonly answer: HttpAnswer }> {
  let place: Place = { url: userUrl, isGuarded: false };
  for (let count = 0; ; count++) {
    const answer = await get(place);
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) {
      return { place, answer };
    }
    const shown = withoutSecrets(userUrl.href);
    if (count === MAX_REDIRECTS) {
      throw new FormatError('LOOP', `${shown} is redirected more than ${MAX_REDIRECTS} times`);
    }
    const next = redirected(place.url, location, shown);
    const isSameServer = next.origin === userUrl.origin;
    next.username = isSameServer ? userUrl.username : '';
    next.password = isSameServer ? userUrl.password : '';
    place = { url: next, isGuarded: place.isGuarded || isOutside(answer.address) };
  }
}

export function ledInside(shown: string): SourceError {
  const message = `${shown} is redirected from a public address to one of this host or its networks (--allow-redirects allows it)`;
  return new SourceError('NOT_ALLOWED', message);
}

function redirected(url: URL, location: string, shown: string): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
  if (next === null || !['http:', 'https:'].includes(next.protocol)) {
    const message = `${shown} is redirected to a URL that is not http or https`;
    throw new SourceError('NOT_ALLOWED', message);
  }
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    throw new SourceError('NOT_ALLOWED', `${shown} is redirected from https to http`);
  }
  return next;
}
