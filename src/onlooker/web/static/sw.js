// Keeps the pages of snap and their files, so that they open without network. Never a photo, never an answer of the API.

const CACHE = "onlooker-snap-1";
const PATIENCE = 3000; // ms that the network is waited for when there is something kept

const base = new URL(self.registration.scope).pathname;
const isPage = (path) => path.startsWith(`${base}albums/`) && /^[^/]+\/snap$/.test(path.slice(`${base}albums/`.length));
const isFile = (path) => path.startsWith(`${base}static/`);

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("onlooker-snap-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

// A page that was opened says which files it is made of; those of its former versions go.
self.addEventListener("message", (event) => {
  if (event.data?.page) event.waitUntil(keep(event.data.page, event.data.files));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (isPage(pathname) && request.mode === "navigate") event.respondWith(answer(request, origin + pathname));
  else if (isFile(pathname)) event.respondWith(answer(request, request.url));
});

async function keep(page, files) {
  const cache = await caches.open(CACHE);
  const wanted = new Set(files.filter((address) => isFile(new URL(address).pathname)));
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (!isPage(pathname) && !wanted.has(url)) await cache.delete(url);
  }
  await Promise.all([...wanted, page].map((address) => refresh(cache, address).catch(() => {})));
}

async function refresh(cache, address) {
  const response = await fetch(address, { credentials: "same-origin", cache: "no-cache", headers: { Accept: "text/html,*/*" } });
  if (response.ok && !response.redirected) await cache.put(address, response);
}

// The network first, so that a new version shows up at once; what is kept, where the network does not answer or is slow.
async function answer(request, address) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(address);
  if (!kept) return fetch(request);
  const network = fetch(request).then(async (response) => {
    if (response.ok && !response.redirected) await cache.put(address, response.clone());
    else if ([403, 404, 410].includes(response.status)) await cache.delete(address);
    return response;
  });
  const slow = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  try {
    return (await Promise.race([network, slow])) ?? kept;
  } catch {
    return kept;
  } finally {
    network.catch(() => {});
  }
}
