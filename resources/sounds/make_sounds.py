"""Makes the sounds. Run: python -m resources.sounds.make_sounds

One sound asks for one act (README.md beside this). All are sines with a little third harmonic, so that a small
loudspeaker carries them, and start and end at zero, so that nothing clicks when one is repeated.
"""

import math
import struct
import wave
from pathlib import Path

HERE = Path(__file__).parent
RATE = 22_050  # samples a second, 16 bit, one channel
FADE_S = 0.008
Tone = tuple[float, float]  # frequency in hertz (0 = silence), seconds

SOUNDS: dict[str, tuple[float, list[Tone]]] = {  # name: peak (1 = full scale), tones
    "officer": (0.95, [(1320, 0.09), (0, 0.05), (1320, 0.09), (0, 0.05), (1320, 0.09), (0, 0.05), (660, 0.42)]),
    "alarm": (0.60, [(960, 0.25), (720, 0.25)] * 4),
    "alarm_louder": (0.92, [(1180, 0.125), (830, 0.125)] * 8),
    "notice": (0.35, [(660, 0.12), (0, 0.04), (880, 0.22)]),
    "late": (0.50, [(520, 0.18), (0, 0.10), (520, 0.18), (0, 0.10), (390, 0.34)]),
    "lamp": (0.45, [(300, 0.30), (0, 0.12), (300, 0.30)]),
}


def tone(frequency: float, seconds: float, peak: float) -> list[float]:
    """One tone, faded in and out."""
    count = round(seconds * RATE)
    fade = round(FADE_S * RATE)
    samples = []
    for i in range(count):
        turn = 2 * math.pi * frequency * i / RATE
        envelope = min(1.0, i / fade, (count - 1 - i) / fade)
        samples.append(peak * envelope * (0.8 * math.sin(turn) + 0.2 * math.sin(3 * turn)))
    return samples


def write(name: str, peak: float, tones: list[Tone]) -> None:
    samples = [value for frequency, seconds in tones for value in tone(frequency, seconds, peak)]
    with wave.open(str(HERE / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *(round(32_767 * value) for value in samples)))


def main() -> None:
    for name, (peak, tones) in SOUNDS.items():
        write(name, peak, tones)


if __name__ == "__main__":
    main()
