// A server of files with ranges, for as long as this process lives.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

/** Serves the files of a folder on a free port of this machine. */
export function serveFolder(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, normalize(new URL(request.url, 'http://x').pathname));
    const { size, mtime } = statSync(path);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/u.exec(request.headers.range ?? '') ?? [];
    const headers = { 'accept-ranges': 'bytes', 'last-modified': mtime.toUTCString() };
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), size - 1) : size - 1;
    const range = { 'content-range': `bytes ${start}-${end}/${size}` };
    response.writeHead(from === undefined ? 200 : 206, {
      ...headers,
      ...(from === undefined ? {} : range),
      'content-length': end - start + 1,
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(path, { start, end }).pipe(response);
  });
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}` }),
    );
  });
}
