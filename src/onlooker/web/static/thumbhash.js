// Draws a ThumbHash (https://evanw.github.io/thumbhash/): the blurred picture that stands where a photo will be.

const SIDE = 32; // pixels of the longer side

/** The pixels of a hash in base64: {width, height, pixels (RGBA)}; null for what is none. */
export function decode(base64) {
  const bytes = bytesOf(base64);
  if (bytes.length < 5) return null;
  const head24 = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  const head16 = bytes[3] | (bytes[4] << 8);
  const hasAlpha = head24 >> 23 !== 0;
  const landscape = head16 >> 15 !== 0;
  if (hasAlpha && bytes.length < 6) return null;
  const few = Math.max(1, head16 & 7);
  const many = hasAlpha ? 5 : 7;
  const [lx, ly] = landscape ? [many, few] : [few, many];

  let at = (hasAlpha ? 6 : 5) * 2;
  const nibble = () => {
    const value = (bytes[at >> 1] >> ((at & 1) << 2)) & 15;
    at++;
    return value / 7.5 - 1;
  };
  // The factors of one channel: the triangle of low frequencies, row by row, without the average.
  const channel = (nx, ny, average, scale) => {
    const factors = [];
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x * ny < nx * (ny - y); x++) factors.push(x + y === 0 ? { x, y, value: average, weight: 1 } : { x, y, value: nibble() * scale, weight: 2 });
    }
    return factors;
  };
  const brightness = channel(Math.max(3, lx), Math.max(3, ly), (head24 & 63) / 63, ((head24 >> 18) & 31) / 31);
  // Quantised colours look washed out; the format says to make up for it.
  const yellowBlue = channel(3, 3, ((head24 >> 6) & 63) / 31.5 - 1, (((head16 >> 3) & 63) / 63) * 1.25);
  const redGreen = channel(3, 3, ((head24 >> 12) & 63) / 31.5 - 1, (((head16 >> 9) & 63) / 63) * 1.25);
  const opacity = hasAlpha ? channel(5, 5, (bytes[5] & 15) / 15, (bytes[5] >> 4) / 15) : [{ x: 0, y: 0, value: 1, weight: 1 }];

  const width = lx >= ly ? SIDE : Math.max(1, Math.round((SIDE * lx) / ly));
  const height = lx >= ly ? Math.max(1, Math.round((SIDE * ly) / lx)) : SIDE;
  const alongX = waves(width);
  const alongY = waves(height);
  const sum = (factors, x, y) => {
    let total = 0;
    for (const one of factors) total += one.value * one.weight * alongX[one.x][x] * alongY[one.y][y];
    return total;
  };
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const l = sum(brightness, x, y);
      const p = sum(yellowBlue, x, y);
      const q = sum(redGreen, x, y);
      const blue = l - (2 / 3) * p;
      const red = (3 * l - blue + q) / 2;
      pixels[i] = 255 * red;
      pixels[i + 1] = 255 * (red - q);
      pixels[i + 2] = 255 * blue;
      pixels[i + 3] = 255 * sum(opacity, x, y);
    }
  }
  return { width, height, pixels };
}

/** Draws a hash into a canvas, which CSS may stretch. */
export function draw(canvas, base64) {
  const picture = decode(base64);
  if (!picture) return;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").putImageData(new ImageData(picture.pixels, picture.width, picture.height), 0, 0);
}

// waves(n)[frequency][place]: what each frequency is at each of n pixels.
function waves(n) {
  return Array.from({ length: 7 }, (_, frequency) =>
    Array.from({ length: n }, (_, place) => Math.cos((Math.PI / n) * (place + 0.5) * frequency)),
  );
}

function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64 ?? ""), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
