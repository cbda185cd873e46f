// How a picture lies on the sphere around whoever looks: all around, as two circles, or as one that is half of it. Live
// pictures come from a canvas that others draw. Loaded only where there is something to turn, with the library.

import { CanvasTexture, DualFisheyeAdapter, EquirectangularAdapter, LinearFilter } from "./vendor/photo-sphere-viewer.js";

export { GyroscopePlugin, Viewer } from "./vendor/photo-sphere-viewer.js";

// A camera's picture is taken for all around, whatever its size: they crop none, and some are a pixel off 2:1.
const ALL_AROUND = { isEquirectangular: true, fullWidth: 2, fullHeight: 1, croppedX: 0, croppedY: 0, croppedWidth: 2, croppedHeight: 1 };

// Equidistant: the farther from the middle of the circle, the larger the angle. Behind is nothing.
const HALF = `
varying vec3 vPos;
uniform sampler2D map;
uniform float opacity;
uniform vec2 circle; // its diameter in parts of the picture's width and height
void main() {
  vec3 ray = normalize(vPos);
  if (ray.z < 0.0) discard;
  float across = length(ray.xy);
  float reach = across > 0.0 ? acos(ray.z) / across / 3.14159265 : 0.0;
  gl_FragColor = texture2D(map, vec2(-ray.x, ray.y) * reach * circle + 0.5);
  gl_FragColor.a *= opacity;
}`;

class FisheyeAdapter extends DualFisheyeAdapter {
  static id = "fisheye";

  createMesh() {
    const mesh = super.createMesh();
    mesh.material.fragmentShader = HALF;
    mesh.material.uniforms.circle = { value: [1, 1] };
    return mesh;
  }

  setTexture(mesh, data, transition) {
    super.setTexture(mesh, data, transition);
    const { width, height } = data.texture.image;
    mesh.material.uniforms.circle.value = [Math.min(1, height / width), Math.min(1, width / height)];
  }
}

/** The same adapter, which also takes {canvas}. */
const live = (Adapter) =>
  class extends Adapter {
    async loadTexture(panorama, ...more) {
      if (!panorama.canvas) return super.loadTexture(panorama, ...more);
      const texture = new CanvasTexture(panorama.canvas);
      texture.generateMipmaps = false;
      texture.minFilter = LinearFilter;
      return { panorama, texture, panoData: ALL_AROUND };
    }
  };

const ADAPTERS = {
  equirectangular: [live(EquirectangularAdapter), { useXmpData: false }],
  "dual-fisheye": [live(DualFisheyeAdapter)],
  fisheye: [live(FisheyeAdapter)],
};

export const adapterFor = (projection) => ADAPTERS[projection] ?? ADAPTERS.equirectangular;
