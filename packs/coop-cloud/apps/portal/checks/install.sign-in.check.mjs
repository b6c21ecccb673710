import { signIn } from './sign-in.mjs';

export async function signs_in(context) {
  context.assert.equal(await signIn(context, 'install'), 'install');
}
