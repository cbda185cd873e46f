// A small picture of a photo that is still on this phone, and the fingerprint of its bytes.

const SIZE = 720; // pixels of the longer side
const LARGEST = 200 * 1024 * 1024; // bytes that are read in one piece, at most

/** A small JPEG of it; null where this browser cannot read it (HEIC outside Safari). */
export async function thumbnail(blob) {
  let bitmap = null;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIZE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  } catch {
    return null;
  } finally {
    bitmap?.close();
  }
}

/** SHA-256 in hexadecimal; null where the browser does not compute it (plain HTTP) or the photo is too large. */
export async function fingerprint(blob) {
  if (!crypto.subtle || blob.size > LARGEST) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
