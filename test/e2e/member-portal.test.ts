/** Member flows and the operators' view of them, with every part real. */
import './member-portal/password-reset';
import './member-portal/operators';
import './member-portal/repeats';
import './member-portal/two-step';
