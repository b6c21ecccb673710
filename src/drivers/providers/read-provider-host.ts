import type { OverlayReaders } from '../../ports/overlays.ts';
import { readHostText } from '../host-text.ts';

/** The program that runs a provider, from the file beside this one. */
export const readProviderHost = (stripTypes: OverlayReaders['stripTypes']): Promise<string> =>
  readHostText('provider-host', import.meta.url, stripTypes);
