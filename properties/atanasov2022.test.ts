import { describePaper } from '../src/testing/paper.js';

describePaper('atanasov2022');
