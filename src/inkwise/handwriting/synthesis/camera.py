"""Cameras and scanners: what happens to a page on its way to a picture file."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.paper import Scene, clouds, slope
from inkwise.handwriting.synthesis.shapes.points import Chance


@dataclass(frozen=True)
class Photograph:
    """What a camera made of a scene.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        truth: (H, W) uint8, the coverage of the ink as it lies in pixels.
        moved: (3, 3), what takes a point (x, y, 1) of the scene to the picture.
    """

    pixels: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    moved: NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A camera, the light and the hand that holds it; every value at 0 (quality at 100) changes nothing.

    Attributes:
        gradient: how much darker the dark side is than the bright one, 0..1.
        shadow: how much light a shadow with an edge takes, 0..1.
        vignette: how much darker the corners are, 0..1.
        unevenness: of the light in patches, 0..1.
        turn: radians.
        perspective: how far corners are moved, as a part of the picture's side.
        blur_px: standard deviation of the blur.
        motion_px: length of a blur by motion.
        noise: standard deviation, grey values.
        colour_noise: the same for each colour by itself.
        exposure: factor of the brightness, 1 as it is.
        cast: factors of red, green, blue.
        jpeg_quality: 1..100; 100: not compressed.
    """

    gradient: float = 0.0
    shadow: float = 0.0
    vignette: float = 0.0
    unevenness: float = 0.0
    turn: float = 0.0
    perspective: float = 0.0
    blur_px: float = 0.0
    motion_px: float = 0.0
    noise: float = 0.0
    colour_noise: float = 0.0
    exposure: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    jpeg_quality: int = 100

    @classmethod
    def draw(cls, generator: np.random.Generator, *, unit_px: float, stroke_px: float) -> "Camera":
        """Return some camera whose blur leaves a digit of that height and pen legible."""
        u = Chance(generator)
        worst_blur = min(0.04 * unit_px, 0.35 * stroke_px + 0.35)
        return cls(
            gradient=u.between(0, 0.6) if u.happens(0.6) else 0.0,
            shadow=u.between(0.1, 0.45) if u.happens(0.15) else 0.0,
            vignette=u.between(0, 0.4) if u.happens(0.3) else 0.0,
            unevenness=u.between(0, 0.06) if u.happens(0.4) else 0.0,
            turn=u.near(0.0, 0.05),
            perspective=u.between(0, 0.06) if u.happens(0.4) else 0.0,
            blur_px=u.between(0, 1) ** 1.5 * worst_blur,
            motion_px=u.between(1, 1 + 0.06 * unit_px) if u.happens(0.06) else 0.0,
            noise=u.between(0, 1) ** 2 * 12,
            colour_noise=u.between(0, 1) ** 2 * 8,
            exposure=u.between(0.7, 1.1),
            cast=(u.between(0.92, 1.05), u.between(0.95, 1.03), u.between(0.88, 1.05)),
            jpeg_quality=int(u.between(35, 96)) if u.happens(0.7) else 100,
        )

    def photograph(
        self, scene: Scene, truth: NDArray[np.uint8], generator: np.random.Generator
    ) -> Photograph:
        """Return the picture of a scene, and where its ink comes to lie.

        Args:
            scene: (H, W, 3) float32, 0..255.
            truth: (H, W) uint8: where ink is; it is moved as the scene is, and otherwise left alone.
            generator: of noise and places.
        """
        scene, truth, moved = self._held(scene, truth, generator)
        scene = scene * self._light(scene.shape[:2], generator)[..., None]
        scene = self._noisy(self._blurred(scene, generator), generator)
        pixels = self._compressed(np.clip(scene + 0.5, 0, 255).astype(np.uint8))
        return Photograph(pixels, truth, moved)

    def _held(
        self, scene: Scene, truth: NDArray[np.uint8], generator: np.random.Generator
    ) -> tuple[Scene, NDArray[np.uint8], NDArray[np.float64]]:
        if not self.turn and not self.perspective:
            return scene, truth, np.eye(3)
        height, width = truth.shape
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
        strayed = corners + generator.uniform(-1, 1, (4, 2)) * (self.perspective * min(height, width))
        middle = np.array([width / 2, height / 2])
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        turned = (strayed - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
        matrix = cv2.getPerspectiveTransform(corners, turned.astype(np.float32))
        size = (width, height)
        held = cv2.warpPerspective(
            scene, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        moved = cv2.warpPerspective(truth, matrix, size, flags=cv2.INTER_LINEAR)
        return np.asarray(held, np.float32), np.asarray(moved, np.uint8), np.asarray(matrix, np.float64)

    def _light(self, size: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float32]:
        u = Chance(generator)
        light = np.full(size, self.exposure, dtype=np.float32)
        if self.gradient:
            light *= 1 - np.float32(self.gradient / 2) * (
                1 + slope(size, u.between(0, 2 * np.pi)).clip(-1, 1)
            )
        if self.vignette:
            y, x = np.linspace(-1, 1, size[0])[:, None], np.linspace(-1, 1, size[1])[None]
            light *= (1 - self.vignette * (x * x + y * y) / 2).astype(np.float32)
        if self.unevenness:
            light *= 1 + np.float32(self.unevenness) * clouds(size, generator)
        if self.shadow:
            edge = slope(size, u.between(0, 2 * np.pi)) - np.float32(u.between(-0.5, 0.5))
            light *= 1 - np.float32(self.shadow) / (1 + np.exp(-edge * np.float32(u.between(4, 40))))
        return light

    def _blurred(self, scene: Scene, generator: np.random.Generator) -> Scene:
        if self.blur_px > 0.25:
            scene = cv2.GaussianBlur(scene, (0, 0), self.blur_px).astype(np.float32, copy=False)
        if self.motion_px > 1:
            side = int(self.motion_px) * 2 + 1
            kernel = np.zeros((side, side), dtype=np.float32)
            away = generator.normal(0, 1, 2)
            away *= self.motion_px / 2 / (np.linalg.norm(away) + 1e-9)
            start, end = (tuple(int(v) for v in np.round(side // 2 + sign * away)) for sign in (-1, 1))
            cv2.line(kernel, start, end, 1.0)
            scene = cv2.filter2D(scene, -1, kernel / kernel.sum()).astype(np.float32, copy=False)
        return scene

    def _noisy(self, scene: Scene, generator: np.random.Generator) -> Scene:
        scene = scene * np.array(self.cast, dtype=np.float32)
        if self.noise > 0.3:
            scene += generator.standard_normal(scene.shape[:2], dtype=np.float32)[..., None] * np.float32(
                self.noise
            )
        if self.colour_noise > 0.3:
            scene += generator.standard_normal(scene.shape, dtype=np.float32) * np.float32(self.colour_noise)
        return scene

    def _compressed(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.jpeg_quality >= 100:
            return pixels
        raw = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality])[1]
        decoded = cv2.imdecode(raw, cv2.IMREAD_COLOR)
        assert decoded is not None
        return np.ascontiguousarray(decoded[..., ::-1]).astype(np.uint8, copy=False)
