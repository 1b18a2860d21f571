/** What members meet, and what operators see of it, over everything real. */
import './member-portal/password-reset';
import './member-portal/operators';
import './member-portal/repeats';
