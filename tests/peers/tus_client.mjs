// Sends one file with tus-js-client: node tus_client.mjs ENDPOINT FILE AUTHORIZATION CHUNK_SIZE [UPLOAD_URL]
// Says on stdout "at URL" once there is an upload, "sent OFFSET" for each chunk that was taken, "photo ID" at the end.
import { createReadStream, statSync } from "node:fs";
import { createRequire } from "node:module";

const tus = createRequire(new URL("../../.peers/", import.meta.url))("tus-js-client");
const [endpoint, file, authorization, chunkSize, uploadUrl] = process.argv.slice(2);
let photo = "";

const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  uploadUrl: uploadUrl || null,
  chunkSize: Number(chunkSize),
  uploadSize: statSync(file).size,
  metadata: { filename: "IMG_1.JPG", filetype: "image/jpeg", caption: "Von Zoë" },
  headers: { Authorization: authorization },
  retryDelays: [0, 100, 200, 400, 800, 1600, 3200, 6400],
  onUploadUrlAvailable: () => console.log(`at ${upload.url}`),
  onChunkComplete: (_size, sent) => console.log(`sent ${sent}`),
  onAfterResponse: (_request, response) => { photo = response.getHeader("Onlooker-Photo") ?? photo; },
  onSuccess: () => console.log(`photo ${photo}`),
  onError: (error) => { console.error(String(error)); process.exitCode = 1; },
});
upload.start();
