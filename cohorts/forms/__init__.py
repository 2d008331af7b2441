"""What people type, cleaned; a form cleans, it never acts. One file for each screen."""
