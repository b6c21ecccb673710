import { expect, test } from 'vitest';
import { style } from '../../src/reporters/html-style.ts';

type Colours = Readonly<Record<string, string>>;

const coloursOf = (css: string): Colours =>
  Object.fromEntries(
    [...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/gu)].map(([, name = '', colour = '']) => [
      name,
      colour,
    ]),
  );

const [lightCss = '', darkCss = ''] = style.split('prefers-color-scheme: dark');
const schemes: Readonly<Record<string, Colours>> = {
  light: coloursOf(lightCss),
  dark: coloursOf(darkCss.split('box-sizing')[0] ?? ''),
};

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const tones = ['passed', 'failed', 'error', 'not-run', 'inconclusive', 'skipped'];
const pairs = [
  ...['ink', 'muted', 'accent', ...tones].flatMap((text) =>
    ['card', 'ground', 'sunken'].map((ground) => [text, ground] as const),
  ),
  ...tones.flatMap((tone) => [[tone, `${tone}-soft`] as const, ['ink', `${tone}-soft`] as const]),
];

test.each(['light', 'dark'])('text is readable in the %s scheme', (scheme) => {
  const colours = schemes[scheme] ?? {};
  const poor = pairs
    .map(([text, ground]) => ({
      text,
      ground,
      ratio: contrast(colours[text] ?? '', colours[ground] ?? ''),
    }))
    // Written so that a colour that is missing, and so not a number, counts as poor.
    .filter(({ ratio }) => !(ratio >= 4.5));
  expect(poor).toEqual([]);
});

test('canary: poor contrast is seen', () => {
  expect(contrast('#777777', '#888888')).toBeLessThan(4.5);
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});

test('nothing is loaded from anywhere', () => {
  expect(style).not.toMatch(/url\(|@import|@font-face/u);
});
