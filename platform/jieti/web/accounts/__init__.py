"""Sign-in, registration, passwords and two-factor: Flask-Security-Too set up for this house."""
