import { describeDriver } from '../contract.ts';
import { makeProcessSubject } from './subject.ts';

describeDriver('process', () => makeProcessSubject());
